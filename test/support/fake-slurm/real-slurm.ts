import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Debian's slurmctld, slurmd and munged on loopback: a cluster of the one node `gpu-1`. Needs root and slurm-wlm. */
export class RealSlurm {
  private readonly children: ChildProcess[] = [];
  readonly conf: string;

  private constructor(private readonly folder: string) {
    this.conf = join(folder, 'slurm.conf');
  }

  /** Why it cannot run here, or the cluster. */
  static async start(folder: string): Promise<RealSlurm | string> {
    for (const tool of ['slurmctld', 'slurmd', 'munged', 'scontrol']) {
      if (spawnSync(tool, ['--version']).error) return `${tool} is not installed (slurm-wlm, munge)`;
    }
    const slurm = new RealSlurm(folder);
    try {
      await slurm.boot();
      return slurm;
    } catch (error) {
      await slurm.stop();
      return `no cluster comes up here: ${(error as Error).message}`;
    }
  }

  run(tool: string, ...args: string[]): string {
    const env = { ...process.env, SLURM_CONF: this.conf };
    return execFileSync(tool, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** "IDLE+DRAIN" */
  get state(): string {
    return /State=(\S+)/.exec(this.run('scontrol', '-o', 'show', 'node', 'gpu-1'))?.[1] ?? '';
  }

  /** A job that takes this long and is running when this resolves. @returns its id */
  async job(seconds: number): Promise<string> {
    const id = this.run('sbatch', '--parsable', '-n1', '-o', '/dev/null', '--wrap', `sleep ${seconds}`).trim();
    await this.until(`job ${id} runs`, () => this.run('squeue', '-h', '-t', 'R', '-o', '%i').includes(id));
    return id;
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    for (let tries = 0; tries < 150; tries += 1) {
      try {
        if (holds()) return;
      } catch {
        // not up yet
      }
      await pause(100);
    }
    throw new Error(`not within 15 s: ${what}`);
  }

  async stop(): Promise<void> {
    for (const child of this.children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(kill);
    }
  }

  private async boot(): Promise<void> {
    const at = (name: string) => join(this.folder, name);
    for (const name of ['state', 'spool', 'munge']) mkdirSync(at(name), { recursive: true, mode: 0o700 });
    writeFileSync(at('munge/key'), randomBytes(1024), { mode: 0o400 });
    const host = hostname().split('.')[0];
    const [control, node] = [await freePort(), await freePort()];
    writeFileSync(
      this.conf,
      `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=${control}
SlurmdPort=${node}
AuthType=auth/munge
AuthInfo=socket=${at('munge/socket')}
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SlurmctldPidFile=${at('ctld.pid')}
SlurmdPidFile=${at('d.pid')}
SlurmdSpoolDir=${at('spool')}
StateSaveLocation=${at('state')}
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SuspendProgram=/bin/true
ResumeProgram=/bin/true
SuspendTime=86400
SuspendTimeout=1
ResumeTimeout=60
KillWait=2
NodeName=gpu-1 NodeHostname=${host} NodeAddr=127.0.0.1 Port=${node} CPUs=1 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`,
    );
    const munge = ['socket', 'key', 'pid', 'log', 'seed'].map((name) => {
      const option = { socket: 'socket', key: 'key-file', pid: 'pid-file', log: 'log-file', seed: 'seed-file' }[name];
      return `--${option}=${at(`munge/${name}`)}`;
    });
    this.daemon('munged', ['--force', '--foreground', ...munge]);
    await this.until('munged answers', () => this.munges(at('munge/socket')));
    this.daemon('slurmctld', ['-D', '-i']);
    await this.until('slurmctld answers', () => this.run('scontrol', 'ping').includes('UP'));
    this.daemon('slurmd', ['-D', '-N', 'gpu-1']);
    await this.until('the node is idle', () => this.state === 'IDLE');
  }

  private munges(socket: string): boolean {
    return spawnSync('munge', ['-n', '-S', socket]).status === 0;
  }

  private daemon(file: string, args: string[]): void {
    const log = openSync(join(this.folder, `${file}.log`), 'a');
    const env = { ...process.env, SLURM_CONF: this.conf };
    this.children.push(spawn(file, args, { stdio: ['ignore', log, log], env }));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
