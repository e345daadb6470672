import { NEW_HOST } from './host.js';
import { noteXid } from './faults.js';
import type { GpuFindings } from './findings.js';
import { takeReading } from './readings.js';
import { afterClearing, afterReboot } from './repair.js';
import { NEW_GPU } from './state.js';
import type { GpuHealthState } from './state.js';
import { assess, STALE_MS } from './verdict.js';

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const FINE: GpuFindings = { unanswered: null, missing: false };

/** Readings every 5 s for so long, the last at `T0 + fromMs + forMs`. */
function readings(state: GpuHealthState, findings: GpuFindings, forMs = 0, fromMs = 0): GpuHealthState {
  let next = state;
  for (let ms = 0; ms <= forMs; ms += 5_000) next = takeReading(next, { ...FINE, ...findings }, T0 + fromMs + ms);
  return next;
}
const health = (state: GpuHealthState, atMs = 0) => assess(state, NEW_HOST, T0 + atMs);

it.each<[string, GpuFindings, string, string, RegExp]>([
  ['nothing to say', {}, 'healthy', 'none', /^$/],
  ['lost', { unanswered: '[GPU is lost]' }, 'unhealthy', 'reboot', /answers nothing: \[GPU is lost\]/],
  ['requires reset', { unanswered: '[GPU requires reset]' }, 'unhealthy', 'reset_gpu', /answers nothing/],
  ['missing', { missing: true }, 'unhealthy', 'reboot', /does not list/],
  ['recovery: None', { recoveryAction: 'None' }, 'healthy', 'none', /^$/],
  ['recovery: Reset', { recoveryAction: 'Reset' }, 'unhealthy', 'reset_gpu', /recovery action: Reset/],
  ['recovery: GPU Reset', { recoveryAction: 'GPU Reset' }, 'unhealthy', 'reset_gpu', /recovery action: GPU Reset/],
  ['recovery: Reboot', { recoveryAction: 'Reboot' }, 'unhealthy', 'reboot', /Reboot/],
  ['recovery: Drain P2P', { recoveryAction: 'Drain P2P' }, 'degraded', 'drain', /Drain P2P/],
  ['recovery: Drain and Reset', { recoveryAction: 'Drain and Reset' }, 'degraded', 'reset_gpu', /Drain and Reset/],
  ['recovery in words that nobody knows', { recoveryAction: 'Pray' }, 'unhealthy', 'drain', /Pray/],
  ['a row that cannot be remapped', { rowRemapFailure: true }, 'unhealthy', 'rma', /needs replacing/],
  ['a row that waits', { rowRemapPending: true }, 'degraded', 'reset_gpu', /waits to be remapped/],
  ['a page that waits', { retiredPagesPending: true }, 'degraded', 'reset_gpu', /waits to be retired/],
  ['SRAM', { sramThresholdExceeded: true }, 'unhealthy', 'rma', /SRAM/],
  ['memory beyond repair', { unrepairableMemory: true }, 'unhealthy', 'rma', /cannot be repaired/],
  ['infoROM', { infoRomCorrupted: true }, 'degraded', 'drain', /infoROM/],
  ['fabric failed', { fabricState: 'Completed', fabricStatus: 'Failure' }, 'healthy', 'none', /^$/],
  ['uncorrectable errors of old', { eccUncorrected: 3 }, 'degraded', 'reset_gpu', /could not correct/],
  ['a hot minute', { throttleReasons: 0x40 }, 'healthy', 'none', /^$/],
  ['idle', { throttleReasons: 0x1 }, 'healthy', 'none', /^$/],
])('one reading: %s', (_, findings, verdict, action, reason) => {
  const found = health(readings(NEW_GPU, findings));
  expect(found).toMatchObject({ verdict, action });
  expect(found.reason).toMatch(reason);
});

it('waits for three readings that fail before it calls a GPU dead, because a loop may stumble over one', () => {
  const twice = readings(NEW_GPU, { unanswered: '[Unknown Error]' }, 5_000);
  expect(health(twice).verdict).toBe('unknown');
  expect(health(readings(twice, { unanswered: '[Unknown Error]' })).verdict).toBe('unhealthy');
  const stumbled = readings(readings(twice, {}), { unanswered: '[Unknown Error]' }, 5_000);
  expect(stumbled.conditions).toEqual([]);
});

it.each([
  ['hardware thermal slowdown', { throttleReasons: 0x40 | 0x4 }, /hardware thermal slowdown/],
  ['power brake', { throttleReasons: 0x80 }, /power brake/],
  ['a fabric that does not come up', { fabricState: 'In Progress' }, /not registered/],
  ['a fabric that refused', { fabricState: 'Completed', fabricStatus: 'Insufficient Resources' }, /could not join/],
])('counts only when it lasts, and stays until it was away as long: %s', (_, sign, reason) => {
  const calm = { throttleReasons: 0, fabricState: 'Completed', fabricStatus: 'Success' };
  const short = readings(NEW_GPU, sign, 4 * MINUTE);
  expect(health(short, 4 * MINUTE).verdict).toBe('healthy');
  const long = readings(short, sign, MINUTE, 4 * MINUTE);
  expect(health(long, 5 * MINUTE).verdict).not.toBe('healthy');
  expect(health(long, 5 * MINUTE)).toMatchObject({ sinceMs: T0, reason: expect.stringMatching(reason) as string });
  const cooling = readings(long, calm, 4 * MINUTE, 5 * MINUTE);
  expect(health(cooling, 9 * MINUTE).verdict).not.toBe('healthy');
  expect(health(readings(cooling, calm, 2 * MINUTE, 9 * MINUTE), 11 * MINUTE).verdict).toBe('healthy');
});

it('keeps what a reading does not tell', () => {
  const failed = readings(NEW_GPU, { rowRemapFailure: true });
  expect(health(readings(failed, {})).action).toBe('rma');
  expect(health(readings(failed, { rowRemapFailure: false })).verdict).toBe('healthy');
});

it('calls one more uncorrectable error a fault, and a counter that fell a reset', () => {
  const grown = readings(readings(NEW_GPU, { eccUncorrected: 0 }), { eccUncorrected: 2 });
  expect(health(grown)).toMatchObject({ verdict: 'unhealthy', evidence: expect.stringContaining('0 → 2') as string });
  const hit = noteXid(grown, { code: 48, atMs: T0, source: 'kernel', line: 'Xid 48' }).state;
  expect(health(readings(hit, { eccUncorrected: 2 }, MINUTE), MINUTE).verdict).toBe('unhealthy');
  expect(health(readings(hit, { eccUncorrected: 0 }, 0, MINUTE), MINUTE).verdict).toBe('healthy');
});

it('takes the word None after another one for a repair', () => {
  const hit = noteXid(NEW_GPU, { code: 119, atMs: T0, source: 'kernel', line: 'Xid 119' }).state;
  expect(health(readings(hit, { recoveryAction: 'None' })).verdict).toBe('unhealthy');
  const asked = readings(hit, { recoveryAction: 'GPU Reset' });
  expect(health(readings(asked, { recoveryAction: 'None' }, 0, MINUTE), MINUTE).verdict).toBe('healthy');
});

it('counts corrected errors by the hour', () => {
  const start = readings(NEW_GPU, { eccCorrected: 50 });
  expect(health(readings(start, { eccCorrected: 1_049 }, 0, MINUTE), MINUTE).verdict).toBe('healthy');
  expect(health(readings(start, { eccCorrected: 1_050 }, 0, MINUTE), MINUTE)).toMatchObject({
    verdict: 'degraded',
    reason: 'The memory needed correcting 1000 times within an hour.',
  });
  // 1000 in two hours are none of it
  const hourLater = readings(start, { eccCorrected: 600 }, 0, 61 * MINUTE);
  expect(health(readings(hourLater, { eccCorrected: 1_100 }, 0, 62 * MINUTE), 62 * MINUTE).verdict).toBe('healthy');
});

it('misses a link that worked, not one that was never plugged in', () => {
  const bridge = readings(NEW_GPU, { inactiveNvlinks: [4, 5] });
  expect(health(bridge).verdict).toBe('healthy');
  const torn = readings(bridge, { inactiveNvlinks: [2, 4, 5] });
  expect(health(torn)).toMatchObject({ verdict: 'degraded', evidence: 'nvlink down: 2' });
  expect(health(readings(torn, { inactiveNvlinks: [4, 5] })).verdict).toBe('healthy');
  expect(health(readings(afterClearing(torn), { inactiveNvlinks: [2, 4, 5] })).verdict).toBe('healthy');
});

it('does not find again what a person cleared, until it was away or says something else', () => {
  const cleared = afterClearing(readings(NEW_GPU, { rowRemapPending: true, recoveryAction: 'Reset' }));
  const still = readings(cleared, { rowRemapPending: true, recoveryAction: 'Reset' });
  expect(health(still).verdict).toBe('healthy');
  expect(health(readings(still, { recoveryAction: 'Reboot' })).verdict).toBe('unhealthy');
  const away = readings(still, { rowRemapPending: false });
  expect(health(readings(away, { rowRemapPending: true })).verdict).toBe('degraded');
});

it('is unknown when nobody read the GPU lately, and keeps what it knew to be bad', () => {
  expect(health(NEW_GPU)).toMatchObject({ verdict: 'unknown', action: 'none' });
  const fine = readings(NEW_GPU, {});
  expect(health(fine, STALE_MS - 1).verdict).toBe('healthy');
  expect(health(fine, STALE_MS).verdict).toBe('unknown');
  expect(health(readings(NEW_GPU, { rowRemapFailure: true }), STALE_MS).verdict).toBe('unhealthy');
});

it('waits after a reboot for readings to end what only they can end', () => {
  const sick = afterReboot(readings(NEW_GPU, { missing: true, rowRemapPending: true, eccUncorrected: 4 }));
  expect(sick.conditions.map(({ key }) => key)).toEqual(['missing', 'row_remap_pending']);
  expect(health(readings(sick, { rowRemapPending: false, eccUncorrected: 0 })).verdict).toBe('healthy');
});
