import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allThreadsCpuMs, processTree, residentMb } from '../support/cpu.js';

/** What a host pays for a program that a user would run instead, its children included. */
export interface OtherFigures {
  readonly rss_mb: number;
  /** Of one core. */
  readonly cpu_percent: number;
  readonly processes: number;
}

export type Other = OtherFigures | 'not installed' | `failed: ${string}`;

interface Program {
  readonly command: string;
  readonly args: (folder: string, port: number) => string[];
  /** Asked for once a second. */
  readonly scrape?: string;
}

/** Each as its package has it, reading once a second; what it writes goes into a folder of its own. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  'prometheus-node-exporter, scraped at 1 Hz': {
    command: 'prometheus-node-exporter',
    args: (_, port) => [`--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
    scrape: '/metrics',
  },
  'netdata, 1 s': {
    command: 'netdata',
    args: (folder, port) => ['-D', '-c', netdataConfig(folder, port)],
  },
  'collectd, 1 s': { command: 'collectd', args: (folder) => ['-f', '-C', collectdConfig(folder)] },
};

/** Measures them one after the other, `seconds` each, and ends them. */
export async function measureOthers(seconds: number): Promise<Record<string, Other>> {
  const found: Record<string, Other> = {};
  for (const [name, program] of Object.entries(PROGRAMS)) found[name] = await measure(program, seconds);
  return found;
}

async function measure(program: Program, seconds: number): Promise<Other> {
  if (spawnSync('which', [program.command]).status !== 0) return 'not installed';
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-bench-other-'));
  const port = await freePort();
  // a process group of its own, so that plugins end with it
  const child = spawn(program.command, program.args(folder, port), {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said = `${said}${text.toString()}`.slice(-400)));
  try {
    await pause(10);
    const before = cpuOf(child);
    const from = performance.now();
    for (let at = 0; at < seconds && isAlive(child); at++) {
      if (program.scrape) await (await fetch(`http://127.0.0.1:${port}${program.scrape}`)).text();
      await pause(1);
    }
    if (!isAlive(child)) return `failed: ${said.trim().split('\n').at(-1) ?? 'it ended'}`;
    const elapsedMs = performance.now() - from;
    const tree = processTree(child.pid ?? 0);
    return {
      rss_mb: round(tree.reduce((sum, pid) => sum + (rssOr0(pid) || 0), 0)),
      cpu_percent: round(((cpuOf(child) - before) / elapsedMs) * 100),
      processes: tree.length,
    };
  } catch (error) {
    return `failed: ${(error as Error).message}`;
  } finally {
    endGroup(child);
    await pause(1);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const isAlive = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;
const cpuOf = (child: ChildProcess) =>
  processTree(child.pid ?? 0).reduce((sum, pid) => sum + (allThreadsCpuMs(pid) || 0), 0);
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const round = (value: number) => Math.round(value * 100) / 100;

function rssOr0(pid: number): number {
  try {
    return residentMb(pid);
  } catch {
    return 0;
  }
}

function endGroup(child: ChildProcess): void {
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  } catch {
    // gone already
  }
}

function netdataConfig(folder: string, port: number): string {
  const path = join(folder, 'netdata.conf');
  for (const name of ['cache', 'lib', 'log', 'home']) mkdirSync(join(folder, name));
  const directories = ['cache', 'lib', 'log', 'home'].map((name) => `  ${name} = ${join(folder, name)}`).join('\n');
  writeFileSync(
    path,
    `[global]\n  run as user = ${process.env['USER'] ?? 'root'}\n[directories]\n${directories}\n[db]\n  update every = 1\n[web]\n  bind to = 127.0.0.1:${port}\n[registry]\n  enabled = no\n`,
  );
  return path;
}

function collectdConfig(folder: string): string {
  const path = join(folder, 'collectd.conf');
  const plugins = ['cpu', 'memory', 'interface', 'load', 'disk', 'df', 'processes', 'csv'];
  writeFileSync(
    path,
    `Hostname "bench"\nFQDNLookup false\nInterval 1\nBaseDir "${folder}"\nPIDFile "${folder}/pid"\n${plugins
      .map((name) => `LoadPlugin ${name}`)
      .join('\n')}\n<Plugin csv>\n  DataDir "${folder}/csv"\n</Plugin>\n`,
  );
  return path;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
