import { metricId } from '@flotilla/domain';
import type { Reading } from '../collector.js';
import { compact } from '../gpu/compact.js';
import { faultSignals } from '../gpu/faults.js';
import type { GpuReading } from '../gpu/shape.js';
import { numberOf, wordOf, type Cell } from './cells.js';
import { indexOf, type Row } from './rows.js';
import { SIGNALS, type Signal } from './signals.js';

const BY_ID = SIGNALS.map((signal) => [metricId(signal.metric), signal] as const);
const SIGNAL_COLUMNS = new Set(SIGNALS.flatMap((signal) => signal.columns));

/** What a row says of its GPU, in the shape of every reader. */
export function readRow(row: Row, uuid: string, atMs: number): GpuReading {
  const { values, counters } = readMetrics(row);
  const mig = wordOf(row.get('mig.mode.current'));
  return {
    uuid,
    atMs,
    facts: compact({
      index: indexOf(row),
      busId: wordOf(row.get('pci.bus_id')),
      migEnabled: mig === undefined ? undefined : mig === 'Enabled',
    }),
    values,
    counters,
    signals: compact({
      ...faultSignals(values, faultWords(row)),
      recoveryAction: wordOf(row.get('gpu_recovery_action')),
    }),
  };
}

/** A row's metrics by catalogue id: a number, or why there is none. What the driver has no column for is unsupported. */
export function readMetrics(row: Row): { values: Map<number, Reading>; counters: Map<number, Reading> } {
  const values = new Map<number, Reading>();
  const counters = new Map<number, Reading>();
  for (const [id, signal] of BY_ID) (signal.counter ? counters : values).set(id, readSignal(row, signal));
  return { values, counters };
}

function readSignal(row: Row, signal: Signal): Reading {
  let absence: Reading | undefined;
  for (const column of signal.columns) {
    const cell = row.get(column);
    if (cell === undefined) continue;
    const reading = signal.words ? wordReading(cell, signal.words) : numberOf(cell, signal.unit);
    if (typeof reading === 'number') return reading;
    absence ??= reading;
  }
  return absence ?? 'unsupported';
}

/** A word that nobody knows is a fault: the tool's language changed, and a guess would be a wrong number. */
function wordReading(cell: Cell, words: (word: string) => number | undefined): Reading {
  if (cell.kind === 'absent') return cell.why;
  return (cell.kind === 'word' ? words(cell.word) : undefined) ?? 'fault';
}

/** No number under any signal of the row, and a fault under one: the GPU answers nothing. */
export function isDeadRow(row: Row): boolean {
  let fault = false;
  for (const [column, cell] of row) {
    if (!SIGNAL_COLUMNS.has(column)) continue;
    if (cell.kind === 'number') return false;
    fault ||= cell.kind === 'absent' && cell.why === 'fault';
  }
  return fault;
}

/** The first fault's own words (`[GPU is lost]`), for the message. */
export function faultWords(row: Row): string | undefined {
  for (const cell of row.values()) if (cell.kind === 'absent' && cell.why === 'fault') return cell.spelling;
  return undefined;
}
