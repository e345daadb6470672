import { metricId } from '@flotilla/domain';
import { readCell } from './cells.js';
import { readMetrics, readRow } from './reading.js';
import type { Row } from './rows.js';

const row = (cells: Record<string, string>): Row =>
  new Map(Object.entries(cells).map(([name, cell]) => [name, readCell(cell)]));
const POWER = metricId('power_draw');
const read = (cells: Record<string, string>) => readRow(row(cells), 'GPU-a', 0);

it('the momentary power stands in where the average is not to be had', () => {
  expect(readMetrics(row({ 'power.draw': '[N/A]', 'power.draw.instant': '97.43' })).values.get(POWER)).toBe(97.43);
  expect(readMetrics(row({ 'power.draw': '[Unknown Error]', 'power.draw.instant': '[N/A]' })).values.get(POWER)).toBe(
    'fault',
  );
});

it.each([
  ['pstate', 'P0', 'performance_state', 0],
  ['pstate', 'P12', 'performance_state', 12],
  ['pstate', '[N/A]', 'performance_state', 'unsupported'],
  ['pstate', 'Fast', 'performance_state', 'fault'],
  ['remapped_rows.pending', 'Yes', 'remapped_rows_pending', 1],
  ['remapped_rows.failure', 'No', 'remapped_rows_failure', 0],
  ['retired_pages.pending', '[Insufficient Permissions]', 'retired_pages_pending', 'forbidden'],
  ['temperature.gpu.tlimit', '-2', 'temperature_margin', -2],
] as const)('%s %s is %s = %s', (column, cell, metric, expected) => {
  expect(readMetrics(row({ [column]: cell })).values.get(metricId(metric))).toBe(expected);
});

it('what the driver advises is told in its own words, and only where it says something', () => {
  expect(read({ gpu_recovery_action: 'GPU Reset' }).signals).toEqual({ recoveryAction: 'GPU Reset' });
  expect(read({ gpu_recovery_action: '[N/A]' }).signals).toEqual({});
});

it('one reading that fails is a fault, none that succeeds is a GPU that answers nothing', () => {
  expect(read({ 'utilization.gpu': '[Unknown Error]', 'fan.speed': '30' }).signals).toEqual({
    fault: '[Unknown Error]',
  });
  expect(read({ 'utilization.gpu': '[GPU is lost]' }).signals).toEqual({ unanswered: '[GPU is lost]' });
});

it('a counter of the driver is no value of its own', () => {
  const { values, counters } = read({ 'clocks_event_reasons_counters.sw_power_cap': '1500000' });
  expect(counters.get(metricId('throttled_power_cap'))).toBe(1_500_000);
  expect(values.has(metricId('throttled_power_cap'))).toBe(false);
});
