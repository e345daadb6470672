/**
 * Reads the capture folders that the replay answers from: `{idle,load}.query-gpu.csv` (every field of one real machine,
 * header and one row per GPU), `cap.help-query-gpu.txt` (what that driver says it knows; made from the header where the
 * folder has none), `{idle,load}.q.txt` (its MIG devices) and `{idle,load}.compute-apps.csv` (its processes).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names that a driver accepts for the same column; the captures' own help text adds its pairs. */
const ALIASES = [
  ['name', 'gpu_name'],
  ['uuid', 'gpu_uuid'],
  ['serial', 'gpu_serial'],
  ['pci.bus_id', 'gpu_bus_id'],
  ['clocks.current.sm', 'clocks.sm'],
  ['clocks.current.memory', 'clocks.mem'],
  ['clocks.current.graphics', 'clocks.gr'],
  ['clocks.current.video', 'clocks.video'],
];
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null);

/** One row of a capture as field → {unit, cell}; the cell keeps its unit (`7 %`). */
export function readRows(path) {
  const text = readFileSync(path, 'utf8');
  const [header, ...rows] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const columns = header.split(', ').map((title) => {
    const unit = /^(.*?) \[(.*)\]$/.exec(title.trim());
    return unit ? { name: unit[1], unit: unit[2] } : { name: title.trim(), unit: '' };
  });
  return rows.map((row) => {
    const cells = row.split(', ');
    if (cells.length !== columns.length)
      throw new Error(`${path}: ${cells.length} cells under ${columns.length} columns`);
    return new Map(columns.map((c, i) => [c.name, { unit: c.unit, cell: cells[i] }]));
  });
}

/** The field list of the capture's driver, and its text for `--help-query-gpu`. */
export function readFieldList(folder, columns) {
  const aliases = new Map();
  const given = read(join(folder, 'cap.help-query-gpu.txt'));
  const pairs = given ? [...given.matchAll(/^"([^"]+)"((?: or "[^"]+")*)\s*$/gm)] : [];
  const names = pairs.length
    ? pairs.map((m) => [m[1], ...[...m[2].matchAll(/"([^"]+)"/g)].map((a) => a[1])])
    : columns.map((name) => [name, ...(ALIASES.find((a) => a[0] === name)?.slice(1) ?? []), ...throttle(name)]);
  for (const [name, ...others] of names) for (const other of [name, ...others]) aliases.set(other, name);
  const help =
    given ??
    'List of valid properties to query for the switch "--query-gpu":\n\n' +
      names.map((n) => `${n.map((name) => `"${name}"`).join(' or ')}\nA property of this driver.\n`).join('\n');
  return { aliases, help };
}

const throttle = (name) =>
  name.startsWith('clocks_event_reasons') ? [name.replace('clocks_event_reasons', 'clocks_throttle_reasons')] : [];

/** MIG devices of a `-q` text: index, instance ids, memory in MiB. */
export function readMigDevices(folder, state) {
  const text = read(join(folder, `${state}.q.txt`)) ?? '';
  return [...text.matchAll(/^ {4}MIG Device\n((?: {8}.*\n)+)/gm)].map(([, block]) => {
    const value = (label) => new RegExp(`^ +${label} +: (.*)$`, 'm').exec(block)?.[1] ?? 'N/A';
    const memory = /FB Memory Usage\n((?: {12}.*\n)+)/.exec(block)?.[1] ?? '';
    const mib = (label) => new RegExp(`^ +${label} +: (.*)$`, 'm').exec(memory)?.[1] ?? 'N/A';
    return {
      index: value('Index'),
      gpuInstance: value('GPU Instance ID'),
      computeInstance: value('Compute Instance ID'),
      multiprocessors: value('Multiprocessor count'),
      total: mib('Total'),
      reserved: mib('Reserved'),
      used: mib('Used'),
      free: mib('Free'),
    };
  });
}

/** Processes of a compute-apps capture; a process name may hold commas, so the row is read from both ends. */
export function readProcesses(folder, state) {
  const lines = (read(join(folder, `${state}.compute-apps.csv`)) ?? '').split(/\r?\n/).filter((l) => l !== '');
  return lines.slice(1).map((line) => {
    const cells = line.split(', ');
    return { pid: cells[5], name: cells.slice(6, -1).join(', '), usedMemory: cells.at(-1), type: 'C' };
  });
}

/** What `nvlink -s` printed for the first GPU, without its head line; null where nobody asked. */
export function readLinks(folder) {
  const text = read(join(folder, 'cap.nvlink-s.txt'));
  return text && text.split(/^GPU \d+:.*\n/m)[1];
}
