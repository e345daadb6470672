import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionRecord } from '../../../apps/agent/src/executors/action-state.js';
import { offerOf, startRunner } from './harness.js';
import type { HarnessOptions } from './harness.js';
import type { ContractStage } from './stage.js';

export { offerOf, startRunner } from './harness.js';
export type { ContractStage } from './stage.js';
export { toolsFor } from './tools.js';

export interface ContractOptions {
  /** Where the state follows an act within milliseconds these hold; a slow far end needs more. */
  readonly verifyS?: number;
  readonly timeoutS?: number;
}

/**
 * What every executor promises, as tests. `makeStage` is called for each test and sets up what is acted on, in the state
 * opposite to that which the stage's verb brings about.
 */
export function describeExecutorContract(
  name: string,
  makeStage: (folder: string) => Promise<ContractStage>,
  { verifyS = 2, timeoutS = 2 }: ContractOptions = {},
): void {
  describe(`the ${name} executor keeps the contract:`, () => {
    let folder: string;
    let stage: ContractStage;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'flotilla-contract-'));
      stage = await makeStage(join(folder));
    });
    afterEach(async () => {
      await stage?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const verb = () => stage.verb ?? 'stop';
    const desired = () => (verb() === 'stop' ? 'stopped' : 'running');
    const before = () => (verb() === 'stop' ? 'running' : 'stopped');
    const asked = (actionId = 'act_1') => ({
      actionId,
      verb: verb(),
      instanceId: stage.instanceId ?? 'self',
      controlKind: stage.control.kind,
      argumentsJson: stage.argumentsJson ?? '{}',
    });
    const start = (more: Partial<HarnessOptions> & { control?: object } = {}) => {
      const { control, ...rest } = more;
      const limits = { verify_s: verifyS, timeout_s: timeoutS };
      return startRunner({
        folder: join(folder, 'agent'),
        controls: [{ ...stage.control, ...limits, ...control }],
        ...rest,
      });
    };
    const untouched = async () => {
      expect(await stage.effects()).toBe(0);
      expect(await stage.state()).toBe(before());
    };

    it('announces what it can do, and covers what it announces', async () => {
      const { executors } = await start();
      expect(executors[0]?.control).toMatchObject({
        kind: stage.control.kind,
        verbs: expect.arrayContaining([verb()]),
      });
    });

    it('a dry run says what would be done and touches nothing', async () => {
      const { carryOut } = await start();
      expect(await carryOut({ ...asked(), dryRun: true })).toMatchObject({
        outcome: 'succeeded',
        message: expect.stringMatching(/^it would .*it is .* now .*Nothing was done$/s),
        exitCode: null,
      });
      await untouched();
    });

    it('what is protected is refused, by a dry run too, and force does not help', async () => {
      const { carryOut } = await start({ control: { protected: true } });
      for (const [at, more] of [{}, { force: true }, { dryRun: true }].entries()) {
        expect(await carryOut({ ...asked(`act_${at}`), ...more })).toMatchObject({
          outcome: 'refused',
          message: expect.stringContaining('protects it'),
        });
      }
      await untouched();
    });

    it('what is as desired already succeeds without an act', async () => {
      await stage.set(desired());
      const { carryOut } = await start();
      expect(await carryOut(asked())).toMatchObject({
        outcome: 'succeeded',
        message: expect.stringContaining('already'),
        observedState: desired(),
      });
      expect(await stage.effects()).toBe(0);
    });

    it('acts once, and succeeds by the state that it reads back', async () => {
      const { carryOut } = await start();
      expect(await carryOut(asked())).toMatchObject({ outcome: 'succeeded', observedState: desired() });
      expect([await stage.state(), await stage.effects()]).toEqual([desired(), 1]);
      // the same id again says the same again and does nothing
      expect(await carryOut({ ...asked(), fence: 2 })).toMatchObject({ outcome: 'succeeded' });
      expect(await stage.effects()).toBe(1);
    });

    it('a far end that says no is no success, and its words are told', async () => {
      if (!(await stage.misbehave('refuses'))) return;
      const { carryOut } = await start();
      const outcome = await carryOut(asked());
      expect(['failed', 'refused']).toContain(outcome?.outcome);
      expect(outcome?.message).not.toBe('');
      await untouched();
    });

    it('a far end that says yes and does nothing is a failure', async () => {
      if (!(await stage.misbehave('does-nothing'))) return;
      const { carryOut } = await start({ control: { verify_s: Math.min(verifyS, 1) } });
      const outcome = await carryOut(asked());
      expect(outcome).toMatchObject({ outcome: 'failed', observedState: before() });
      expect(await stage.state()).toBe(before());
    });

    it('a far end that does not answer is given up in time, and is no success', async () => {
      if (!(await stage.misbehave('hangs'))) return;
      const { carryOut } = await start({ control: { timeout_s: 0.5, grace_s: 0.2, verify_s: 0.5 } });
      const began = performance.now();
      const outcome = await carryOut(asked());
      expect(performance.now() - began).toBeLessThan(15_000);
      expect(['failed', 'unknown']).toContain(outcome?.outcome);
      expect(await stage.state()).toBe(before());
    });

    it('a state that cannot be read is unknown, never success', async () => {
      const { carryOut } = await start({ control: { verify_s: 1 } });
      if (!(await stage.misbehave('mute'))) return;
      const outcome = await carryOut(asked());
      expect(['unknown', 'refused', 'failed']).toContain(outcome?.outcome);
      // refused or failed only where nothing was done
      if (outcome?.outcome !== 'unknown') await untouched();
      await stage.mend();
    });

    it('what is cancelled before it began is not done', async () => {
      const { runner, results } = await start();
      runner.offer(offerOf(asked()));
      runner.cancel('act_1');
      await runner.idle();
      expect(results).toMatchObject([
        { outcome: { outcome: 'refused', message: expect.stringContaining('cancelled') } },
      ]);
      await untouched();
    });

    it.each<[string, (record: ActionRecord) => boolean, number]>([
      ['before it began', (record) => record.t === 'starting', 1],
      ['before anything was sent', (record) => record.t === 'step' || record.t === 'started', 1],
      ['before the answer was written down', (record) => record.t === 'answered', 1],
      ['before the outcome was written down', (record) => record.t === 'outcome', 1],
    ])('a crash %s: the truth or "unknown", and no second effect', async (_, dieAt, most) => {
      const first = await start({ dieAt });
      await first.carryOut(asked());
      if (!first.journal.isDead) first.journal.close();
      const second = await start();
      second.runner.recover();
      await second.runner.idle();
      const outcome = second.results.at(-1)?.outcome ?? (await second.carryOut({ ...asked(), fence: 2 }));
      const state = await stage.state();
      expect(await stage.effects()).toBeLessThanOrEqual(most);
      if (outcome?.outcome === 'succeeded') expect(state).toBe(desired());
      else {
        expect(['failed', 'unknown']).toContain(outcome?.outcome);
        if (outcome?.outcome === 'failed') expect(state).not.toBe(desired());
      }
      // and after that it stays so
      second.journal.close();
      const third = await start();
      third.runner.recover();
      await third.runner.idle();
      expect(await stage.effects()).toBeLessThanOrEqual(most);
      third.journal.close();
    });
  });
}
