import fc from 'fast-check';
import { capOutput, decideSettlement, holdsInstance, OUTPUT_LIMIT_BYTES } from './settlement.js';
import type { SettledAction } from './settlement.js';
import { ACTION_STATUSES, advance, canAdvance, isTerminal } from './status.js';
import type { ActionStatus } from './status.js';

const action = (more: Partial<SettledAction> = {}): SettledAction => ({
  status: 'running',
  verb: 'stop',
  level: 'power',
  ownHost: true,
  controlKind: 'command',
  fence: 2,
  hasResult: false,
  ...more,
});
const result = (more: object = {}) => ({
  outcome: 'succeeded' as const,
  message: 'done',
  observedState: 'stopped' as const,
  fence: 2,
  ...more,
});

describe('decideSettlement', () => {
  it.each([
    ['a verified stop', {}, {}, 'settle', ['succeeded'], 'stopped'],
    ['a stop that the check contradicts', {}, { observedState: 'running' }, 'settle', ['failed'], 'running'],
    ['a power stop nobody verified', {}, { observedState: 'unverified' }, 'settle', ['unknown'], null],
    ['a workload stop nobody verified', { level: 'workload' }, { observedState: null }, 'settle', ['succeeded'], null],
    ['a host that stops itself', { controlKind: 'self' }, {}, 'settle', ['unknown'], null],
    ['a refusal', {}, { outcome: 'refused', observedState: null }, 'settle', ['refused'], null],
    [
      'a failure that left it running',
      {},
      { outcome: 'failed', observedState: 'running' },
      'settle',
      ['failed'],
      'running',
    ],
    ['a result that overtook its acceptance', { status: 'dispatched' }, {}, 'settle', ['succeeded'], 'stopped'],
    ['a result for a requeued action', { status: 'queued' }, {}, 'settle', ['dispatched', 'succeeded'], 'stopped'],
    ['a stale fence under a newer acceptance', {}, { fence: 1 }, 'remark', [], null],
    [
      'a stale fence before any newer acceptance',
      { status: 'dispatched' },
      { fence: 1 },
      'settle',
      ['succeeded'],
      'stopped',
    ],
    ['a fence that was never given out', {}, { fence: 3 }, 'remark', [], null],
    ['the same result again', { status: 'succeeded', hasResult: true }, {}, 'repeat', [], null],
    ['a result after the deadline', { status: 'expired' }, {}, 'keep', [], 'stopped'],
    [
      'a result after the cancellation',
      { status: 'cancelled' },
      { outcome: 'refused', observedState: null },
      'keep',
      [],
      null,
    ],
  ])('%s', (_, ofAction, ofResult, kind, path, state) => {
    const decided = decideSettlement(action(ofAction as object), result(ofResult) as never);
    expect(decided).toMatchObject({ kind, path, state });
  });
});

const anyStatus = fc.constantFrom(...ACTION_STATUSES);
const anyAction = fc.record<SettledAction>({
  status: anyStatus,
  verb: fc.constantFrom('start', 'stop'),
  level: fc.constantFrom('power', 'workload'),
  ownHost: fc.boolean(),
  controlKind: fc.constantFrom('self', 'command', 'redfish', 'sync'),
  fence: fc.integer({ min: 0, max: 4 }),
  hasResult: fc.boolean(),
});
const anyResult = fc.record({
  outcome: fc.constantFrom('succeeded' as const, 'failed' as const, 'refused' as const, 'unknown' as const),
  message: fc.string(),
  observedState: fc.constantFrom('running' as const, 'stopped' as const, 'unverified' as const, null),
  fence: fc.integer({ min: 0, max: 5 }),
});

describe('the life of an action, whatever happens', () => {
  it('only ever takes steps that the table has, and never leaves an end', () => {
    fc.assert(
      fc.property(anyAction, fc.array(anyResult, { maxLength: 6 }), (start, results) => {
        let now = start;
        for (const one of results) {
          const { kind, path } = decideSettlement(now, one);
          if (kind !== 'settle') expect(path).toEqual([]);
          const before = now.status;
          let status: ActionStatus = before;
          for (const next of path) status = advance(status, next);
          if (isTerminal(before)) expect(status).toBe(before);
          now = { ...now, status, hasResult: now.hasResult || kind === 'settle' || kind === 'keep' };
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes the same result twice as once', () => {
    fc.assert(
      fc.property(anyAction, anyResult, (start, one) => {
        const first = decideSettlement(start, one);
        if (first.kind !== 'settle') return;
        const after = { ...start, status: first.path.at(-1)!, hasResult: true };
        expect(decideSettlement(after, one).kind).toBe('repeat');
      }),
      { numRuns: 2_000 },
    );
  });

  it('never says that a power action succeeded without somebody having seen it', () => {
    fc.assert(
      fc.property(anyAction, anyResult, (start, one) => {
        const { path, state } = decideSettlement(start, one);
        if (path.at(-1) === 'succeeded' && start.level === 'power') {
          expect(state).toBe(start.verb === 'stop' ? 'stopped' : 'running');
          if (start.verb === 'stop' && start.ownHost) expect(start.controlKind).not.toBe('self');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds its instance exactly until it has an end, or its deadline passed without one', () => {
    for (const status of ACTION_STATUSES) {
      expect(holdsInstance(status, false)).toBe(!isTerminal(status));
      expect(holdsInstance(status, true)).toBe(!isTerminal(status) && status !== 'unknown');
      if (isTerminal(status)) for (const to of ACTION_STATUSES) expect(canAdvance(status, to)).toBe(false);
    }
  });
});

describe('capOutput', () => {
  it('keeps at most 64 KiB without splitting a character, and no NUL', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), fc.integer({ min: 1, max: 3000 }), (text, times) => {
        const { output, truncated } = capOutput(text.repeat(times));
        const bytes = Buffer.byteLength(output);
        expect(bytes).toBeLessThanOrEqual(OUTPUT_LIMIT_BYTES);
        expect(output).not.toContain('\0');
        if (!truncated) expect(output).toBe(text.repeat(times).replaceAll('\0', ''));
        else expect(bytes).toBeGreaterThan(OUTPUT_LIMIT_BYTES - 4);
      }),
    );
  });
});
