import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository: three folders up, or two where a bench was compiled into node_modules. */
const root = ['../../..', '../..']
  .map((up) => fileURLToPath(new URL(up, import.meta.url)))
  .find((folder) => existsSync(join(folder, 'apps/agent/build-bundle.mjs'))) as string;

/** The agent's one file, built once per test process. */
let bundle: Promise<string> | null = null;
export function agentBundle(): Promise<string> {
  bundle ??= (async () => {
    const outfile = join(tmpdir(), `flotilla-agent-${process.pid}.mjs`);
    const { buildAgentBundle } = (await import(join(root, 'apps/agent/build-bundle.mjs'))) as {
      buildAgentBundle: (outfile: string) => Promise<string>;
    };
    return buildAgentBundle(outfile);
  })();
  return bundle;
}

export interface AgentOptions {
  readonly stateDir: string;
  readonly args: readonly string[];
  readonly config?: object;
  /** Dies by SIGKILL at this place. */
  readonly failpoint?: string;
  /** Path of an nvidia-smi; absent: one that is not there. */
  readonly nvidiaSmi?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A real agent in a process of its own. */
export class AgentProcess {
  /** Everything that it printed. */
  log = '';
  private constructor(readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => (this.log += text));
    }
  }

  static async start(options: AgentOptions): Promise<AgentProcess> {
    mkdirSync(options.stateDir, { recursive: true });
    const args = [await agentBundle(), 'run', '--state-dir', options.stateDir, ...options.args];
    if (options.config) {
      const path = join(options.stateDir, 'agent.json');
      writeFileSync(path, JSON.stringify(options.config));
      args.push('--config', path);
    }
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '/usr/bin:/bin',
        FLOTILLA_NVIDIA_SMI: options.nvidiaSmi ?? join(options.stateDir, 'no-nvidia-smi'),
        ...(options.failpoint ? { FLOTILLA_TEST: '1', FLOTILLA_FAILPOINT: options.failpoint } : {}),
        ...options.env,
      },
    });
    return new AgentProcess(child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves when the process is gone. */
  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const { exitCode: code, signalCode: signal } = this.child;
    if (code !== null || signal !== null) return Promise.resolve({ code, signal });
    return new Promise((resolve) => this.child.once('exit', (exit, killed) => resolve({ code: exit, signal: killed })));
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    await this.ended();
  }
}

/** What is waited for matters, not when it comes: the bounds are those of a quick machine with nothing else to do. */
const SLOWER_MACHINES = 3;

/** @throws Error with `what` and the hint when it does not come true in three times the usual time */
export async function eventually(
  what: string,
  isTrue: () => boolean,
  usualMs = 15_000,
  hint = () => '',
): Promise<void> {
  const timeoutMs = usualMs * SLOWER_MACHINES;
  const deadline = Date.now() + timeoutMs;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}\n${hint()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/**
 * A workload for the `command` executor: a file that says running or stopped, and scripts that change it, slowly, and
 * write down every run. No shell in the agent; the scripts themselves may be what they like.
 */
export class TestWorkload {
  readonly runs: string;
  private readonly state: string;
  readonly control: object;

  constructor(folder: string, options: { stopMs?: number; check?: boolean; extra?: object } = {}) {
    mkdirSync(folder, { recursive: true });
    this.state = join(folder, 'state');
    this.runs = join(folder, 'runs');
    writeFileSync(this.state, 'running');
    writeFileSync(this.runs, '');
    const pause = (options.stopMs ?? 0) / 1000;
    const script = (name: string, text: string) => {
      const path = join(folder, name);
      writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      return [path];
    };
    const change = (verb: string, state: string) =>
      script(
        verb,
        `echo "${verb} begin $$" >> ${this.runs}\nsleep ${pause}\necho said ${verb}\nprintf ${state} > ${this.state}\necho "${verb} end $$" >> ${this.runs}`,
      );
    this.control = {
      kind: 'command',
      start: change('start', 'running'),
      stop: change('stop', 'stopped'),
      ...(options.check === false ? {} : { check: script('check', `test "$(cat ${this.state})" = running`) }),
      verify_s: 3,
      ...options.extra,
    };
  }

  get isRunning(): boolean {
    return readFileSync(this.state, 'utf8') === 'running';
  }

  /** How often a command began. */
  get begun(): number {
    return readFileSync(this.runs, 'utf8')
      .split('\n')
      .filter((line) => line.includes(' begin ')).length;
  }

  get ended(): number {
    return existsSync(this.runs)
      ? readFileSync(this.runs, 'utf8')
          .split('\n')
          .filter((line) => line.includes(' end ')).length
      : 0;
  }
}
