import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import pg from 'pg';

const ROOT = resolve(import.meta.dirname, '../..');

/** A program that a test starts as a user would, with everything that it writes. */
export class Program {
  output = '';
  readonly ended: Promise<number>;
  private readonly child: ChildProcess;

  private constructor(script: string, args: readonly string[], settings: Readonly<Record<string, string>>) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('FLOTILLA_'));
    this.child = spawn(process.execPath, [join(ROOT, script), ...args], {
      cwd: ROOT,
      env: { ...Object.fromEntries(inherited), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
    this.ended = new Promise((settle) => {
      this.child.on('close', (code, signal) => settle(code ?? (signal === 'SIGKILL' ? 137 : 143)));
    });
  }

  static run(script: string, args: readonly string[], settings: Readonly<Record<string, string>>): Program {
    return new Program(script, args, settings);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Waits until the output matches. @throws Error with the output when the program ends before, or takes too long */
  async says(pattern: RegExp, withinMs = 60_000): Promise<RegExpExecArray> {
    let over = false;
    void this.ended.then(() => (over = true));
    for (const end = performance.now() + withinMs; ;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      if (over || performance.now() > end) {
        throw new Error(
          `${over ? 'it ended' : 'time is up'} before it said ${String(pattern)}; it said:\n${this.output}`,
        );
      }
      await new Promise((settle) => setTimeout(settle, 25));
    }
  }

  /** Asks it to end and waits. @returns its exit code */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number> {
    this.kill(signal);
    return this.ended;
  }
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((settle, reject) => {
          const server = createServer();
          server.on('error', reject);
          server.listen(0, '127.0.0.1', () => settle(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((settle) => server.close(settle))));
  return ports;
}

/** The processes that the launcher of this data folder noted. */
export function launchedParts(dataDir: string): number[] {
  const { parts } = JSON.parse(readFileSync(join(dataDir, 'launcher.json'), 'utf8')) as { parts: { pid: number }[] };
  return parts.map((part) => part.pid);
}

/** How another replica, or a test, reaches the embedded database of a data folder. */
export function embeddedUrl(dataDir: string): string {
  const { owner } = JSON.parse(readFileSync(join(dataDir, 'postgres', 'passwords.json'), 'utf8')) as { owner: string };
  const socket = encodeURIComponent(join(dataDir, 'postgres', 'socket'));
  return `postgresql://flotilla:${owner}@localhost/flotilla?host=${socket}`;
}

/** Looks into the database across tenants. */
export async function lookInto<R extends pg.QueryResultRow>(url: string, sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SET ROLE flotilla_system');
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Tries until it succeeds; the last error when it does not in time. */
export async function eventually<T>(attempt: () => Promise<T> | T, withinMs = 30_000): Promise<T> {
  for (const end = performance.now() + withinMs; ;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((settle) => setTimeout(settle, 100));
    }
  }
}
