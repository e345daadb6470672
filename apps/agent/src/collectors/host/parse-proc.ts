/** Jiffies since boot: all, and those in which the processors had nothing to run. */
export interface CpuTimes {
  readonly total: number;
  readonly idle: number;
}

/**
 * The first line of /proc/stat. Guest time is inside user time already and not counted twice; waiting for disks counts
 * as idle, as in every other tool.
 */
export function parseCpuTimes(text: string): CpuTimes | null {
  const fields = /^cpu +([\d ]+)$/m.exec(text)?.[1]?.trim().split(/ +/).map(Number);
  if (!fields || fields.length < 4) return null;
  const counted = fields.slice(0, 8);
  return { total: counted.reduce((sum, n) => sum + n, 0), idle: (fields[3] ?? 0) + (fields[4] ?? 0) };
}

/** Percent of the time between two readings in which processors were busy; null when no time passed or it ran back. */
export function cpuPercent(before: CpuTimes, after: CpuTimes): number | null {
  const total = after.total - before.total;
  const idle = after.idle - before.idle;
  if (total <= 0 || idle < 0) return null;
  return Math.min(100, Math.max(0, (1 - idle / total) * 100));
}

/** Percent of the memory that a new process could not have; null where the kernel does not say (before 3.14). */
export function memoryPercent(meminfo: string): number | null {
  const total = /^MemTotal: +(\d+) kB$/m.exec(meminfo)?.[1];
  const available = /^MemAvailable: +(\d+) kB$/m.exec(meminfo)?.[1];
  if (total === undefined || available === undefined || Number(total) === 0) return null;
  return (1 - Number(available) / Number(total)) * 100;
}

export interface NetworkBytes {
  readonly rx: number;
  readonly tx: number;
}

/** Bytes by interface of /proc/net/dev. */
export function parseNetworkBytes(text: string): Map<string, NetworkBytes> {
  const interfaces = new Map<string, NetworkBytes>();
  for (const line of text.split('\n')) {
    const match = /^ *([^:\s][^:]*): *(\d+)(?: +\d+){7} +(\d+)/.exec(line);
    if (match) interfaces.set(match[1] as string, { rx: Number(match[2]), tx: Number(match[3]) });
  }
  return interfaces;
}

/** Names of interfaces that only pass on what another one carries, or carry nothing that leaves the host. */
const VIRTUAL =
  /^(lo|veth|docker|br-|virbr|cni|flannel|cali|cilium|lxc|tunl|vxlan|kube|nodelocaldns|ifb|dummy|tap|tun|wg|vnet|bond|team|bridge|sit|ip6tnl|gre)/;

/**
 * The interfaces to count: those with hardware behind them, so that no byte is counted twice (a bond and its members, a
 * bridge and its ports). In a container none has; then all whose name is not that of a virtual one.
 */
export function interfacesToCount(names: readonly string[], hasHardware: (name: string) => boolean): string[] {
  const hardware = names.filter((name) => name !== 'lo' && hasHardware(name));
  return hardware.length > 0 ? hardware : names.filter((name) => !VIRTUAL.test(name));
}

/** Bytes per second over the interfaces that both readings have; a counter that ran back (driver reset) counts 0. */
export function networkRates(
  before: ReadonlyMap<string, NetworkBytes>,
  after: ReadonlyMap<string, NetworkBytes>,
  names: readonly string[],
  seconds: number,
): NetworkBytes | null {
  if (seconds <= 0) return null;
  let rx = 0;
  let tx = 0;
  let seen = false;
  for (const name of names) {
    const a = before.get(name);
    const b = after.get(name);
    if (!a || !b) continue;
    seen = true;
    rx += Math.max(0, b.rx - a.rx);
    tx += Math.max(0, b.tx - a.tx);
  }
  return seen ? { rx: rx / seconds, tx: tx / seconds } : null;
}

/** Percent of a file system in use as `df` shows it: of what is used and what an ordinary user could still use. */
export function diskPercent(fs: { blocks: number; bfree: number; bavail: number }): number | null {
  const used = fs.blocks - fs.bfree;
  const size = used + fs.bavail;
  return size > 0 ? (used / size) * 100 : null;
}
