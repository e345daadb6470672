import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NEW_GPU, NEW_HOST } from '@flotilla/domain';
import type { GpuHealthState, HostHealthState } from '@flotilla/domain';
import type { Position } from './logs/source.js';

/** What is remembered of the health of this host over restarts of the agent and of the host. */
export interface Remembered {
  /** The boot in which it was written; logs of the kernel begin anew with another. */
  readonly bootId: string;
  readonly kernelLog: Position | null;
  readonly fabricLog: Position | null;
  /** Place on the bus → GPU uuid. */
  readonly places: Readonly<Record<string, string>>;
  readonly host: HostHealthState;
  readonly gpus: Readonly<Record<string, GpuHealthState>>;
}

export const NOTHING: Remembered = {
  bootId: '',
  kernelLog: null,
  fabricLog: null,
  places: {},
  host: NEW_HOST,
  gpus: {},
};

export const healthPath = (stateDir: string): string => join(stateDir, 'health.json');

/** An unreadable file, or one of another version, is an empty one. */
export function loadHealth(stateDir: string): Remembered {
  try {
    const read = JSON.parse(readFileSync(healthPath(stateDir), 'utf8')) as Partial<Remembered> & { version?: unknown };
    if (read.version !== 1) return NOTHING;
    const gpus = Object.entries(read.gpus ?? {}).map(([uuid, state]): [string, GpuHealthState] => [uuid, whole(state)]);
    return {
      bootId: typeof read.bootId === 'string' ? read.bootId : '',
      kernelLog: read.kernelLog ?? null,
      fabricLog: read.fabricLog ?? null,
      places: record(read.places, NOTHING.places),
      host: whole(read.host),
      gpus: Object.fromEntries(gpus),
    };
  } catch {
    return NOTHING;
  }
}

/** Positions and verdicts stand in one file, so that a crash neither counts a line twice nor forgets one. */
export function saveHealth(stateDir: string, remembered: Remembered): void {
  const path = healthPath(stateDir);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify({ version: 1, ...remembered }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

const list = <T>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? value : []);
const record = <T extends object>(value: T | undefined, empty: T): T =>
  typeof value === 'object' && value !== null ? value : empty;

/** Somebody's editor, or half a disk, must not bring the agent down. A reading of an earlier run vouches for nothing. */
function whole(state: Partial<GpuHealthState> | undefined): GpuHealthState {
  if (typeof state !== 'object' || state === null) return NEW_GPU;
  return {
    conditions: list(state.conditions).filter((one) => typeof one?.key === 'string'),
    episodes: list(state.episodes).filter((one) => typeof one?.code === 'number' && typeof one.counts === 'object'),
    pending: record(state.pending, NEW_GPU.pending),
    acknowledged: record(state.acknowledged, NEW_GPU.acknowledged),
    counters: record(state.counters, NEW_GPU.counters),
    answeredMs: 0,
  };
}
