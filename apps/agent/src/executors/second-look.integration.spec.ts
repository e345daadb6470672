import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { offerOf } from '../../../../test/support/executor-contract/index.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { silentLog } from '../log.js';
import { ActionJournal } from './action-journal.js';
import { ActionRunner } from './action-runner.js';
import type { Result } from './action-runner.js';
import type { Executor, Observation } from './executor.js';

const MINUTE = 60_000;

describe('an action of which nobody knows how it ended', () => {
  let folder: string;
  let clock: ManualClock;
  let seen: Observation;
  let acts: number;
  const results: Result[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-second-look-'));
    clock = new ManualClock();
    seen = { state: 'unverified', detail: 'no answer' };
    acts = 0;
    results.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** An agent whose only control takes a stop and then cannot be read. */
  function agent(): ActionRunner {
    const executor: Executor = {
      control: { kind: 'far', verbs: ['start', 'stop'], instanceIds: ['self'], scope: {}, level: 'power' },
      covers: () => true,
      plan: async ({ verb }) => ({
        what: `${verb} it`,
        desired: verb === 'start' ? 'running' : 'stopped',
        protection: null,
        verifyMs: 1_000,
        timeoutMs: 1_000,
        graceMs: 0,
        endsHost: false,
        observe: async () => seen,
        act: async () => {
          acts += 1;
          return { how: 'done', said: 'it was taken', exitCode: null, output: '', outputTruncated: false };
        },
      }),
    };
    const runner = new ActionRunner({
      journal: new ActionJournal(join(folder, 'journal'), clock.nowMs()),
      folder,
      executors: [executor],
      ownInstanceId: 'host-1',
      clock,
      nowMs: () => clock.nowMs(),
      idleSince: () => ({ idle: true }),
      gpuProcesses: async () => [],
      log: silentLog,
    });
    runner.onResult = (result) => void results.push(result);
    return runner;
  }
  const outcomes = () => results.map(({ outcome }) => outcome.outcome);
  /** Offers a stop that ends unknown. */
  const unknownStop = async (runner = agent()) => {
    runner.offer(offerOf());
    await clock.advance(5_000);
    expect(outcomes()).toEqual(['unknown']);
    return runner;
  };

  it('is told once it is seen, and has to be acknowledged anew', async () => {
    const runner = await unknownStop();
    runner.acknowledged('act_1');
    seen = { state: 'stopped', detail: 'off' };
    await clock.advance(20_000);
    expect(outcomes()).toEqual(['unknown', 'succeeded']);
    expect(results[1]?.outcome).toMatchObject({
      observedState: 'stopped',
      message: expect.stringContaining('seen 1 min after'),
    });
    expect(runner.unacknowledged.map(({ outcome }) => outcome.outcome)).toEqual(['succeeded']);
    seen = { state: 'running', detail: 'on' };
    await clock.advance(60 * MINUTE);
    expect([outcomes(), acts]).toEqual([['unknown', 'succeeded'], 1]);
  });

  it('has failed when its effect is not there after a quarter of an hour', async () => {
    await unknownStop();
    seen = { state: 'running', detail: 'on' };
    await clock.advance(14 * MINUTE);
    expect(outcomes()).toEqual(['unknown']);
    await clock.advance(15 * MINUTE);
    expect(outcomes()).toEqual(['unknown', 'failed']);
  });

  it('waits for what is on its way for a day, and stays unknown after that', async () => {
    await unknownStop();
    seen = { state: 'running', onItsWay: true, detail: 'a job still runs' };
    await clock.advance(23 * 60 * MINUTE);
    expect(outcomes()).toEqual(['unknown']);
    await clock.advance(2 * 60 * MINUTE);
    seen = { state: 'stopped', detail: 'off' };
    await clock.advance(60 * MINUTE);
    expect(outcomes()).toEqual(['unknown']);
  });

  it('is looked at again by the next run of the agent', async () => {
    await unknownStop();
    seen = { state: 'stopped', detail: 'off' };
    const second = agent();
    second.recover();
    await clock.advance(20_000);
    expect(outcomes()).toContain('succeeded');
    expect(acts).toBe(1);
  });

  it('is left alone when a later action for the same instance came: what is seen then is its work', async () => {
    const runner = await unknownStop();
    seen = { state: 'stopped', detail: 'off' };
    runner.offer(offerOf({ actionId: 'act_2', verb: 'start' }));
    await clock.advance(60 * MINUTE);
    expect(results.filter(({ actionId }) => actionId === 'act_1')).toHaveLength(1);
  });
});
