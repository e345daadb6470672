import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeScenario } from '../../support/nvidia-smi-replay/index.js';
import type { Replay, Scenario } from '../../support/nvidia-smi-replay/index.js';
import type { Api, Json } from './api.js';
import { ROOT, withoutFlotilla } from './system.js';
import type { System } from './system.js';
import { until } from './until.js';

export interface HostOptions {
  readonly scenario: Scenario;
  readonly intervalS?: number;
  readonly hourlyCost?: number;
  /** How long the stop command takes, seconds. */
  readonly stopTakesS?: number;
  /** Controls of other machines, instead of the workload; they are granted by its enrolment token. */
  readonly controls?: readonly { readonly kind: string }[];
}

/**
 * A GPU host: an agent of its own, a replayed nvidia-smi, and a workload that is a file. Its start and stop commands
 * append a line to a log, so that a command which ran twice shows.
 */
export class Host {
  readonly replay: Replay;
  private readonly folder: string;
  private process: ChildProcess | null = null;
  private readonly said: string[] = [];

  constructor(
    private readonly system: System,
    readonly name: string,
    private readonly options: HostOptions,
  ) {
    this.folder = join(system.folder, name);
    mkdirSync(this.folder, { recursive: true });
    this.replay = writeScenario(join(this.folder, 'driver'), options.scenario);
    writeFileSync(this.stateFile, 'running');
    writeFileSync(this.configFile, JSON.stringify(this.config(), null, 2));
  }

  /** Enrols at the first start. */
  async start(api: Api, environment: Record<string, string> = {}): Promise<void> {
    const enrolled = existsSync(join(this.folder, 'state'));
    const token = enrolled
      ? []
      : ['--token', (await api.post('/agents/enrollment-tokens', this.enrolment)).data.token as string];
    this.process = spawn(
      process.execPath,
      [
        join(ROOT, 'apps/agent/dist/flotilla-agent.mjs'),
        'run',
        ...['--server', `127.0.0.1:${this.system.grpcPort}`, ...token],
        ...['--state-dir', join(this.folder, 'state'), '--config', this.configFile],
      ],
      {
        cwd: this.folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...withoutFlotilla(process.env), FLOTILLA_NVIDIA_SMI: this.replay.executable, ...environment },
      },
    );
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.said.push(text));
    }
  }

  /** The instance as the API shows it, once this host has reported. */
  instance(api: Api): Promise<Json> {
    return until(
      `${this.name} is in /instances with its GPUs, connected`,
      async () => {
        const { data } = await api.get(`/instances?search=${this.name}`);
        const found = data.find((one: Json) => one.instance_id === this.name);
        return found?.agent?.connected && found.gpus.length > 0 ? found : null;
      },
      { withinMs: 40_000, because: () => this.output.slice(-2000) },
    );
  }

  kill(): void {
    this.process?.kill('SIGKILL');
  }

  get isDead(): boolean {
    return this.process === null || this.process.exitCode !== null || this.process.signalCode !== null;
  }

  async stop(): Promise<void> {
    if (this.isDead) return;
    const ended = new Promise((done) => this.process!.once('exit', done));
    this.process!.kill('SIGTERM');
    const force = setTimeout(() => this.kill(), 15_000);
    await ended;
    clearTimeout(force);
  }

  get output(): string {
    return this.said.join('');
  }

  /** Every time that a command began on this host: `start` or `stop`. */
  commandsRun(): string[] {
    const log = join(this.folder, 'commands.log');
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  }

  get workload(): string {
    return readFileSync(this.stateFile, 'utf8').trim();
  }

  private get enrolment(): object {
    return { name: this.name, controls: (this.options.controls ?? []).map(({ kind }) => kind) };
  }

  private get stateFile(): string {
    return join(this.folder, 'workload');
  }

  private get configFile(): string {
    return join(this.folder, 'agent.json');
  }

  private config(): object {
    const script = (text: string) => ['/bin/sh', '-c', text, 'workload', this.folder];
    const becomes = (verb: string, state: string, seconds: number) =>
      script(`echo ${verb} >> "$1/commands.log"; sleep ${seconds}; printf ${state} > "$1/workload"; echo ${state}`);
    return {
      interval_s: this.options.intervalS ?? 1,
      instance: {
        instance_id: this.name,
        name: this.name,
        ...(this.options.hourlyCost !== undefined && { hourly_cost: this.options.hourlyCost, currency: 'USD' }),
      },
      controls: this.options.controls ?? [
        {
          kind: 'command',
          start: becomes('start', 'running', 0),
          stop: becomes('stop', 'stopped', this.options.stopTakesS ?? 0),
          verify_s: 5,
          check: script('test "$(cat "$1/workload")" = running && exit 0; exit 3'),
        },
      ],
    };
  }
}
