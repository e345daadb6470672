import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Api } from './api.js';
import { until } from './until.js';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const OWNER = { email: 'owner@example.com', password: 'a long enough passphrase 7' };

/** Flotilla as a user starts it: `npm start`, on ports and in a data folder of its own. */
export class System {
  private constructor(
    readonly folder: string,
    readonly httpPort: number,
    readonly grpcPort: number,
    private readonly launcher: ChildProcess,
    private readonly said: string[],
  ) {}

  static async start(environment: Record<string, string> = {}, options: readonly string[] = []): Promise<System> {
    const folder = mkdtempSync(join(tmpdir(), 'flotilla-e2e-'));
    const [httpPort, grpcPort] = [await freePort(), await freePort()];
    const said: string[] = [];
    const launcher = spawn(process.execPath, ['scripts/start.mjs', ...options], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...withoutFlotilla(process.env),
        FLOTILLA_DATA_DIR: join(folder, 'data'),
        FLOTILLA_HTTP_PORT: String(httpPort),
        FLOTILLA_GRPC_PORT: String(grpcPort),
        FLOTILLA_ADMIN_EMAIL: OWNER.email,
        FLOTILLA_ADMIN_PASSWORD: OWNER.password,
        ...environment,
      },
    });
    for (const stream of [launcher.stdout, launcher.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
    }
    const system = new System(folder, httpPort, grpcPort, launcher, said);
    try {
      await until('npm start says that it serves', () => system.output.includes('Flotilla serves at'), {
        withinMs: 120_000,
        because: () => system.output,
        failIf: () => launcher.exitCode !== null && `npm start ended with ${launcher.exitCode}: ${system.output}`,
      });
    } catch (error) {
      await system.stop();
      throw error;
    }
    return system;
  }

  get output(): string {
    return this.said.join('');
  }

  get address(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  login(): Promise<Api> {
    return Api.login(this.address, OWNER.email, OWNER.password);
  }

  /** The processes that the launcher keeps alive, in the order of their start: control plane, agent. */
  parts(): number[] {
    const { parts } = JSON.parse(readFileSync(join(this.folder, 'data', 'launcher.json'), 'utf8')) as {
      parts: { pid: number }[];
    };
    return parts.map(({ pid }) => pid);
  }

  /** kill -9 of the control plane; its launcher starts it again. */
  async killControlPlane(): Promise<void> {
    const before = this.parts()[0]!;
    process.kill(before, 'SIGKILL');
    await until('the control plane was started again', () => this.parts()[0] !== before, { withinMs: 20_000 });
  }

  async stop(): Promise<void> {
    if (this.launcher.exitCode === null && this.launcher.signalCode === null) {
      const ended = new Promise((done) => this.launcher.once('exit', done));
      this.launcher.kill('SIGINT');
      const force = setTimeout(() => this.launcher.kill('SIGKILL'), 30_000);
      await ended;
      clearTimeout(force);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a developer's shell has set must not reach the system under test. */
export function withoutFlotilla(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('FLOTILLA_')));
}

function freePort(): Promise<number> {
  return new Promise((found, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => found(port));
    });
  });
}
