import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GpuProcessFacts } from '../collector.js';
import { readCgroup } from './cgroup-path.js';
import { compact } from './compact.js';
import { ContainerNames } from './container-names.js';

/** Whose a process is and where it runs; a key that is absent could not be told for sure. */
export type Owner = Pick<
  GpuProcessFacts,
  | 'user'
  | 'startedAtMs'
  | 'command'
  | 'containerId'
  | 'containerName'
  | 'podUid'
  | 'podName'
  | 'podNamespace'
  | 'slurmJobId'
>;

/** Clock ticks a second in /proc, on every architecture that Linux has a GPU driver for (USER_HZ). */
const TICKS_PER_S = 100;
const USERS_FOR_MS = 3_600_000;
const ENVIRON_CAP = 256 * 1024;

/**
 * Finds out whose a GPU process is. The agent may live in another pid namespace than the driver counts in, and then the same
 * number is somebody else: unless the program's name agrees, nothing is told.
 */
export class ProcessOwners {
  private readonly known = new Map<string, Owner>();
  private readonly names: ContainerNames;
  private users: { readonly readMs: number; readonly names: ReadonlyMap<number, string> } | null = null;
  private bootS: number | null = null;

  constructor(
    private readonly monotonicMs: () => number,
    private readonly procRoot = '/proc',
    private readonly root = '/',
  ) {
    this.names = new ContainerNames(root, monotonicMs);
  }

  /** @param name of the program as the driver tells it, with or without its path and arguments */
  async of(pid: number, name: string): Promise<Owner> {
    try {
      const folder = join(this.procRoot, String(pid));
      const startTicks = startTicksOf(await readFile(join(folder, 'stat'), 'latin1'));
      if (startTicks === undefined) return {};
      const key = `${pid}/${startTicks}/${name}`;
      const before = this.known.get(key);
      if (before) return before;
      const owner = await this.find(folder, name, startTicks);
      // A pod's name may be on disk a moment later than its process.
      if (owner.podUid === undefined || owner.podName !== undefined) this.known.set(key, owner);
      return owner;
    } catch {
      return {};
    }
  }

  /** Forgets who is not in the list any more. */
  keepOnly(pids: ReadonlySet<number>): void {
    for (const key of this.known.keys()) if (!pids.has(Number(key.slice(0, key.indexOf('/'))))) this.known.delete(key);
  }

  private async find(folder: string, name: string, startTicks: number): Promise<Owner> {
    const read = (file: string) => readFile(join(folder, file), 'utf8').catch(() => '');
    const [status, commandLine, comm, cgroup] = await Promise.all(['status', 'cmdline', 'comm', 'cgroup'].map(read));
    const command = comm?.trim() ?? '';
    const program = base(name.split(' ')[0] ?? '');
    const agrees =
      program !== '' && (base(commandLine?.split('\0')[0] ?? '') === program || command === program.slice(0, 15));
    if (!agrees) return {};
    const uid = /^Uid:\s+(\d+)/m.exec(status ?? '')?.[1];
    const place = readCgroup(cgroup ?? '');
    const pod = place.podUid === undefined ? undefined : await this.names.pod(place.podUid);
    const container = place.containerId === undefined ? undefined : await this.names.container(place.containerId);
    const bootS = await this.bootTimeS();
    return compact({
      user: uid === undefined ? undefined : await this.userName(Number(uid)),
      startedAtMs: bootS === null ? undefined : bootS * 1000 + Math.round((startTicks * 1000) / TICKS_PER_S),
      command: command || undefined,
      ...place,
      ...(container === undefined ? {} : { containerName: container }),
      ...pod,
      slurmJobId: place.slurmJobId ?? (await slurmJobOf(join(folder, 'environ'))),
    });
  }

  private async bootTimeS(): Promise<number | null> {
    if (this.bootS === null) {
      const text = await readFile(join(this.procRoot, 'stat'), 'utf8').catch(() => '');
      const match = /^btime (\d+)$/m.exec(text);
      this.bootS = match ? Number(match[1]) : null;
    }
    return this.bootS;
  }

  /** From /etc/passwd, read at most once an hour; a uid without an entry is shown as its number. */
  private async userName(uid: number): Promise<string> {
    if (!this.users || this.monotonicMs() - this.users.readMs > USERS_FOR_MS) {
      const names = new Map<number, string>();
      const passwd = await readFile(join(this.root, 'etc/passwd'), 'utf8').catch(() => '');
      for (const line of passwd.split('\n')) {
        const [name, , id] = line.split(':');
        if (name && id && !names.has(Number(id))) names.set(Number(id), name);
      }
      this.users = { readMs: this.monotonicMs(), names };
    }
    return this.users.names.get(uid) ?? String(uid);
  }
}

/** The job that a process was started by, where its environment may be read (its own user, or root). Nothing else of it is. */
async function slurmJobOf(path: string): Promise<string | undefined> {
  const environ = await readFile(path, 'latin1').catch(() => '');
  return /(?:^|\0)SLURM_JOB_ID=(\d+)(?:\0|$)/.exec(environ.slice(0, ENVIRON_CAP))?.[1];
}

/** The name in parentheses may hold anything: count from its end. The start time is field 22. */
function startTicksOf(stat: string): number | undefined {
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return Number.isFinite(ticks) ? ticks : undefined;
}

const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
