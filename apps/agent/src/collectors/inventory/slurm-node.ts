import { readFileSync } from 'node:fs';

/** Which node of a Slurm cluster this host is. */
export interface SlurmNode {
  readonly node: string;
  readonly cluster?: string;
}

const FILES = ['etc/slurm/slurm.conf', 'run/slurm/conf/slurm.conf', 'etc/slurm-llnl/slurm.conf'];
const MAX_NODES = 100_000;

/**
 * Finds this host among the `NodeName` lines of slurm.conf (its own, or the copy that a configless slurmd keeps), by
 * `NodeHostname` or by its short name. null: no Slurm here, or the host is none of its nodes.
 *
 * @param name what slurmd was told to be (SLURMD_NODENAME); it counts without a look at the lists
 */
export function slurmNode(hostname: string, name: string | null, root = '/'): SlurmNode | null {
  for (const file of FILES) {
    let text: string;
    try {
      text = readFileSync(`${root}${file}`, 'utf8');
    } catch {
      continue;
    }
    // a line goes on where it ends with a backslash
    const lines = text
      .replace(/\\\r?\n/g, ' ')
      .split('\n')
      .map((line) => line.replace(/#.*$/, ''));
    const cluster = lines.map((line) => /^\s*ClusterName\s*=\s*(\S+)/i.exec(line)?.[1]).find(Boolean);
    const node = name ?? nodeIn(lines, hostname);
    return node === null ? null : { node, ...(cluster ? { cluster } : {}) };
  }
  return name === null ? null : { node: name };
}

function nodeIn(lines: readonly string[], hostname: string): string | null {
  const short = hostname.split('.')[0] ?? hostname;
  for (const line of lines) {
    const names = /^\s*NodeName\s*=\s*(\S+)/i.exec(line)?.[1];
    if (names === undefined || names.toUpperCase() === 'DEFAULT') continue;
    const nodes = expandHostList(names);
    const hosts = expandHostList(/\sNodeHostname\s*=\s*(\S+)/i.exec(line)?.[1] ?? names);
    const at = hosts.findIndex((host) => host === short || host === hostname);
    const node = at < 0 ? undefined : nodes[at];
    if (node !== undefined) return node;
  }
  return null;
}

/** `gpu[01-03,07],login` → gpu01, gpu02, gpu03, gpu07, login; several brackets multiply. */
export function expandHostList(list: string): string[] {
  return list
    .split(/,(?![^[]*\])/)
    .flatMap(expandOne)
    .slice(0, MAX_NODES);
}

function expandOne(name: string): string[] {
  const match = /^([^[]*)\[([^\]]*)\](.*)$/.exec(name);
  if (!match) return name === '' ? [] : [name];
  const [, before = '', ranges = '', after = ''] = match;
  const rest = after === '' ? [''] : expandOne(after);
  const numbers = ranges.split(',').flatMap((range) => {
    const [from = '', to = from] = range.split('-');
    const count = Number(to) - Number(from);
    if (!/^\d+$/.test(from) || !/^\d+$/.test(to) || count < 0 || count >= MAX_NODES) return [];
    return Array.from({ length: count + 1 }, (_, at) => String(Number(from) + at).padStart(from.length, '0'));
  });
  return numbers.flatMap((number) => rest.map((tail) => `${before}${number}${tail}`)).slice(0, MAX_NODES);
}
