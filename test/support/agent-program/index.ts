import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAgentBundle } from '../../../apps/agent/build-bundle.mjs';

/** Where programs are looked for. */
export const searchPath = (): string => process.env['PATH'] ?? '/usr/bin:/bin';

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The agent as the one file that is shipped, built from the sources as they are, in a folder of its own. */
export class AgentProgram {
  readonly folder = mkdtempSync(join(tmpdir(), 'flotilla-agent-'));
  readonly file = join(this.folder, 'flotilla-agent.mjs');
  private readonly children: ChildProcess[] = [];

  static async build(): Promise<AgentProgram> {
    const program = new AgentProgram();
    await buildAgentBundle(program.file);
    return program;
  }

  /** Runs a command to its end. Nothing of the caller's environment reaches it but PATH. */
  call(args: readonly string[], env: Readonly<Record<string, string>> = {}): Said {
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.file, ...args], {
      encoding: 'utf8',
      cwd: this.folder,
      timeout: 30_000,
      env: { PATH: searchPath(), HOME: this.folder, ...env },
    });
    return { code: status, out: stdout, err: stderr };
  }

  /** Starts `run`; stopped by `remove` at the latest. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const child = spawn(process.execPath, [this.file, 'run', ...args], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: searchPath(), HOME: this.folder, ...env },
    });
    this.children.push(child);
    return child;
  }

  async remove(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
