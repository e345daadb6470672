import fc from 'fast-check';
import { EPISODE_GAP_MS, noteXid } from './faults.js';
import { NEW_HOST, noteSxid, setHostTrouble } from './host.js';
import { takeReading } from './readings.js';
import { afterClearing, afterReboot, afterReset } from './repair.js';
import { episodeCount, NEW_GPU } from './state.js';
import type { GpuHealthState } from './state.js';
import { assess } from './verdict.js';
import { XID_CATALOGUE, xidEntry, xidSeverity } from './xid-catalogue.js';

const T0 = Date.UTC(2026, 0, 1);
const FINE = { unanswered: null, missing: false };
const xid = (code: number, atMs = T0, source = 'kernel') => ({ code, atMs, source, line: `NVRM: Xid: ${code}, test` });
const after = (state: GpuHealthState, ...codes: number[]) =>
  codes.reduce((s, code, i) => noteXid(s, xid(code, T0 + i * 1000)).state, state);
const verdictOf = (state: GpuHealthState, nowMs = T0 + 60_000) =>
  assess(takeReading(state, FINE, nowMs), NEW_HOST, nowMs);

describe('the catalogue of Xids', () => {
  it.each([
    [13, 'application', 'healthy', 'restart_workload', 'medium'],
    [31, 'application', 'healthy', 'restart_workload', 'medium'],
    [43, 'application', 'healthy', 'restart_workload', 'medium'],
    [45, 'application', 'healthy', 'restart_workload', 'medium'],
    [48, 'memory', 'unhealthy', 'reset_gpu', 'critical'],
    [63, 'memory', 'degraded', 'reset_gpu', 'high'],
    [64, 'memory', 'unhealthy', 'reset_gpu', 'critical'],
    [74, 'fabric', 'unhealthy', 'reset_gpu', 'critical'],
    [79, 'hardware', 'unhealthy', 'reboot', 'critical'],
    [92, 'memory', 'degraded', 'drain', 'high'],
    [95, 'memory', 'unhealthy', 'reset_gpu', 'critical'],
    [119, 'driver', 'unhealthy', 'reset_gpu', 'critical'],
    [149, 'fabric', 'unhealthy', 'reset_gpu', 'critical'],
    [9999, 'unknown', 'degraded', 'drain', 'high'],
  ])('Xid %i is of the class %s: %s, %s', (code, faultClass, verdict, action, severity) => {
    const entry = xidEntry(code);
    expect(entry).toMatchObject({ code, class: faultClass, verdict, action });
    expect(xidSeverity(entry)).toBe(severity);
  });

  it('has no code twice, and no application that speaks against the hardware', () => {
    const entries = [...XID_CATALOGUE.values()];
    expect(entries.length).toBeGreaterThan(110);
    expect(new Set(entries.map(({ code }) => code)).size).toBe(entries.length);
    for (const entry of entries) {
      if (entry.class === 'application') expect(entry.verdict).toBe('healthy');
      expect(entry.sentence).not.toMatch(/\.$/);
      expect(entry.name).not.toContain('#');
    }
  });
});

describe('what an Xid makes of a GPU', () => {
  it('tells of the worst, with its line and what to do', () => {
    // an uncorrectable error, its remapping, and the contained rest of it: as on an H100 in a capture
    const health = verdictOf(after(NEW_GPU, 48, 63, 94));
    expect(health).toMatchObject({ verdict: 'unhealthy', action: 'reset_gpu', sinceMs: T0 });
    expect(health.reason).toMatch(/^Xid 48: the memory has an error that ECC cannot correct/);
    expect(health.evidence).toBe('NVRM: Xid: 48, test');
    expect(health.episodes.map(({ code, count }) => [code, count])).toEqual([
      [94, 1],
      [63, 1],
      [48, 1],
    ]);
  });

  it('prefers the stronger action among equals', () => {
    expect(verdictOf(after(NEW_GPU, 119, 79, 48))).toMatchObject({ action: 'reboot' });
  });

  it('degrades by a code that nobody knows, with its line', () => {
    expect(verdictOf(after(NEW_GPU, 4242))).toMatchObject({
      verdict: 'degraded',
      action: 'drain',
      evidence: 'NVRM: Xid: 4242, test',
    });
  });

  it.each([
    ['None', 'healthy', 'none'],
    ['GPU Reset Required', 'unhealthy', 'reset_gpu'],
    ['Node Reboot Required', 'unhealthy', 'reboot'],
    ['Drain P2P', 'degraded', 'drain'],
    ['Drain and Reset', 'degraded', 'reset_gpu'],
    ['Sing a song', 'unhealthy', 'drain'],
  ])('reads the words of Xid 154: %s', (recoveryAction, verdict, action) => {
    const { state } = noteXid(NEW_GPU, { ...xid(154), recoveryAction });
    expect(verdictOf(state)).toMatchObject({ verdict, action });
  });
});

describe('episodes', () => {
  it('makes one of a flood, and begins another after an hour of silence', () => {
    let state: GpuHealthState = NEW_GPU;
    for (let i = 0; i < 629; i++) state = noteXid(state, xid(13, T0 + i)).state;
    expect(state.episodes).toHaveLength(1);
    expect(state.episodes[0]).toMatchObject({ counts: { kernel: 629 }, firstMs: T0, lastMs: T0 + 628 });
    const again = noteXid(state, xid(13, T0 + 628 + EPISODE_GAP_MS + 1));
    expect(again.began).toBe(true);
    expect(again.state.episodes).toHaveLength(2);
  });

  it('does not take up again what a person cleared because a slower teller tells it too', () => {
    const told = noteXid(NEW_GPU, xid(48, T0, 'kernel')).state;
    const cleared = afterClearing(told);
    const late = noteXid(cleared, xid(48, T0 + 2_000, 'nvml'));
    expect(late).toMatchObject({ repeated: true, began: false });
    expect(verdictOf(late.state).verdict).toBe('healthy');
    expect(verdictOf(noteXid(cleared, xid(48, T0 + 3_000, 'kernel')).state).verdict).toBe('unhealthy');
  });

  it('counts each event once, in whatever order two tellers tell them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.infiniteStream(fc.boolean()), (events, coin) => {
        let state: GpuHealthState = NEW_GPU;
        const left = { kernel: events, nvml: events };
        for (let i = 0; left.kernel + left.nvml > 0; i++) {
          const kernel = left.nvml === 0 || (left.kernel > 0 && (coin.next().value as boolean));
          const source = kernel ? 'kernel' : 'nvml';
          left[source] -= 1;
          state = noteXid(state, xid(31, T0 + i * 10, source)).state;
        }
        expect(state.episodes).toHaveLength(1);
        expect(episodeCount(state.episodes[0]!)).toBe(events);
      }),
    );
  });
});

const applications = [...XID_CATALOGUE.values()].filter((e) => e.class === 'application').map((e) => e.code);
const bad = [...XID_CATALOGUE.values()].filter((e) => e.verdict !== 'healthy').map((e) => e.code);

describe('what holds whatever comes', () => {
  it('never calls the hardware bad for what applications do', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...applications), { maxLength: 200 }), (codes) => {
        expect(verdictOf(after(NEW_GPU, ...codes), T0 + 300_000).verdict).toBe('healthy');
      }),
    );
  });

  it('stays bad through any number of good readings, until reboot or a person ends it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...bad), fc.integer({ min: 1, max: 50 }), (code, readings) => {
        let state = after(NEW_GPU, code);
        for (let i = 1; i <= readings; i++) state = takeReading(state, { ...FINE, eccUncorrected: 0 }, T0 + i * 5_000);
        const nowMs = T0 + readings * 5_000;
        expect(['degraded', 'unhealthy']).toContain(assess(state, NEW_HOST, nowMs).verdict);
        expect(verdictOf(afterReboot(state)).verdict).toBe('healthy');
        expect(verdictOf(afterClearing(state)).verdict).toBe('healthy');
        // through a restart of the agent: the state is plain data
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }),
    );
  });

  it('is ended by a reset, except where only a reboot helps', () => {
    for (const code of bad) {
      const state = afterReset(after(NEW_GPU, code), T0 + 5_000);
      const rebootOnly = xidEntry(code).action === 'reboot';
      expect([code, verdictOf(state).verdict === 'healthy']).toEqual([code, !rebootOnly]);
    }
    // what came after the reset stays
    expect(verdictOf(afterReset(after(NEW_GPU, 48), T0 - 1)).verdict).toBe('unhealthy');
  });
});

describe('what concerns the whole host', () => {
  const sxid = { code: 20034, busId: '0000:83:00.0', line: 'SXid … Fatal', atMs: T0, source: 'kernel' };

  it('shows a fatal error of a switch with every GPU, a harmless one only as an episode', () => {
    const gpu = takeReading(NEW_GPU, FINE, T0);
    const harmless = noteSxid(NEW_HOST, { ...sxid, code: 12028, fatal: false }).state;
    expect(assess(gpu, harmless, T0)).toMatchObject({ verdict: 'healthy', episodes: [{ kind: 'sxid', code: 12028 }] });
    const fatal = noteSxid(NEW_HOST, { ...sxid, fatal: true }).state;
    expect(assess(gpu, fatal, T0)).toMatchObject({ verdict: 'unhealthy', action: 'reboot', evidence: 'SXid … Fatal' });
    expect(assess(afterClearing(gpu, fatal.conditions), fatal, T0).verdict).toBe('healthy');
    expect(assess(gpu, afterReset(fatal, T0 + 1), T0).verdict).toBe('healthy');
  });

  it('says unknown, not dead, while the tool hangs, and degraded after an upgrade under running work', () => {
    const gpu = takeReading(NEW_GPU, FINE, T0);
    const hung = setHostTrouble(NEW_HOST, 'tool_hung', 'nvidia-smi stopped answering', T0);
    expect(assess(gpu, hung, T0)).toMatchObject({ verdict: 'unknown', action: 'reboot' });
    expect(assess(after(gpu, 119), hung, T0).verdict).toBe('unhealthy');
    const upgraded = setHostTrouble(NEW_HOST, 'driver_mismatch', 'version mismatch', T0);
    expect(assess(gpu, upgraded, T0)).toMatchObject({ verdict: 'degraded', action: 'reboot' });
    expect(assess(gpu, setHostTrouble(upgraded, 'driver_mismatch', null, T0), T0).verdict).toBe('healthy');
  });
});
