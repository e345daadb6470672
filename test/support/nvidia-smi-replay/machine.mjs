/** The machine that the replay plays: its GPUs at one moment, made from the scenario file and the captures it names. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readFieldList, readLinks, readMigDevices, readProcesses, readRows } from './captures.mjs';

const read = new Map();

/** A capture's parts, read once per file. */
function capture(folder, state) {
  const key = `${folder}/${state}`;
  if (!read.has(key)) {
    const rows = readRows(join(folder, `${state}.query-gpu.csv`));
    read.set(key, {
      rows,
      fields: readFieldList(folder, [...rows[0].keys()]),
      mig: readMigDevices(folder, state),
      processes: readProcesses(folder, state),
      links: readLinks(folder),
    });
  }
  return read.get(key);
}

/** Loads the scenario and keeps it fresh: a test may rewrite the file while the tool loops. */
export function openScenario(path) {
  let stamp = '';
  let scenario;
  return () => {
    const { mtimeMs, size } = statSync(path);
    if (`${mtimeMs}/${size}` !== stamp) {
      scenario = JSON.parse(readFileSync(path, 'utf8'));
      stamp = `${mtimeMs}/${size}`;
      scenario.folder = dirname(path);
    }
    return scenario;
  };
}

const uuidOf = (gpu, index, captured) => {
  if (gpu.uuid) return gpu.uuid;
  // Public captures have their uuids zeroed: two of them in one machine still need two names.
  if (!/^GPU-0+(-0+)*$/.test(captured)) return captured;
  return `GPU-00000000-0000-0000-0000-${String(index + 1).padStart(12, '0')}`;
};

/** The trace row of a round or of the clock: {util, mem}, null where the trace has nothing. */
function tracePoint(trace, round, nowMs) {
  const at = trace.speed ? Math.floor((((nowMs - trace.startedAtMs) / 1000) * trace.speed) / trace.stepS) : round;
  return trace.points[((at % trace.points.length) + trace.points.length) % trace.points.length];
}

export const lostMarker = (scenario, index) => join(scenario.folder, `lost-gpu-${index}`);

/**
 * The GPUs as they are in this round.
 * `lost` GPUs stay in the list with `lost` set to the way in which they show: absent, error-line, unknown-error, is-lost.
 */
export function machineAt(scenario, round, nowMs = Date.now()) {
  const gpus = scenario.gpus.map((gpu, index) => {
    const source = capture(gpu.capture, gpu.state ?? 'load');
    const cells = new Map([...source.rows[gpu.row ?? 0]].map(([name, cell]) => [name, { ...cell }]));
    const set = (name, value) => {
      const unit = cells.get(name)?.unit ?? '';
      cells.set(name, { unit, cell: unit && /^-?[\d.]+$/.test(String(value)) ? `${value} ${unit}` : String(value) });
    };
    set('index', String(index));
    set('count', String(scenario.gpus.length));
    set('uuid', uuidOf(gpu, index, cells.get('uuid')?.cell ?? ''));
    if (scenario.driverVersion) set('driver_version', scenario.driverVersion);
    if (scenario.gpus.length > 1 && !gpu.values?.['pci.bus_id']) {
      set('pci.bus_id', `00000000:${(index + 1).toString(16).toUpperCase().padStart(2, '0')}:00.0`);
    }
    if (gpu.trace) {
      const { util, mem } = tracePoint(gpu.trace, round, nowMs);
      set('utilization.gpu', util ?? '[N/A]');
      set('memory.used', mem ?? '[N/A]');
      const whole = (name) => Number.parseFloat(cells.get(name)?.cell ?? '');
      const free = mem === null ? Number.NaN : whole('memory.total') - (whole('memory.reserved') || 0) - mem;
      set('memory.free', Number.isFinite(free) ? free : '[N/A]');
    }
    for (const [name, value] of Object.entries(gpu.values ?? {})) set(name, value);
    const gone = gpu.lost ?? (existsSync(lostMarker(scenario, index)) ? (gpu.lostStyle ?? 'absent') : null);
    const isMig = cells.get('mig.mode.current')?.cell === 'Enabled';
    const mig = isMig ? (gpu.mig ?? source.mig) : [];
    const { nvlinks, vgpus } = gpu;
    const { fields, links: capturedLinks } = source;
    return {
      index,
      cells,
      mig,
      lost: gone,
      processes: gpu.processes ?? source.processes,
      fields,
      nvlinks,
      vgpus,
      capturedLinks,
    };
  });
  return gpus;
}

/** The field list of the machine's driver: the first GPU's capture, less what the scenario takes away. */
export function fieldList(scenario) {
  const { aliases, help } = capture(scenario.gpus[0].capture, scenario.gpus[0].state ?? 'load').fields;
  const without = new Set(scenario.withoutFields ?? []);
  return { help, known: (name) => aliases.has(name) && !without.has(name), column: (name) => aliases.get(name) };
}
