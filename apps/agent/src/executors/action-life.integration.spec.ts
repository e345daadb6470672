import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../../../test/support/agent-process/agent-process.js';
import { systemClock } from '../clock.js';
import { parseFile } from '../config/settings.js';
import { silentLog } from '../log.js';
import { ActionJournal } from './action-journal.js';
import { ActionRunner } from './action-runner.js';
import type { Result } from './action-runner.js';
import type { ActionRecord } from './action-state.js';
import type { ActionOffer } from './executor.js';
import { toolsFor } from '../../../../test/support/executor-contract/tools.js';
import { createExecutors } from './index.js';
import { ACTION_VARIABLE, processAt } from './process-table.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-action-life-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const offer = (more: Partial<ActionOffer> = {}): ActionOffer => ({
  actionId: 'act_1',
  fence: 1,
  verb: 'stop',
  instanceId: 'self',
  controlKind: '',
  argumentsJson: '{}',
  expiresAtMs: 0,
  force: false,
  idleSinceMs: 0,
  idleBelowPercent: 0,
  ...more,
});

async function scene(controls: object[]) {
  const journal = new ActionJournal(join(folder, 'journal'), Date.now());
  const runner = new ActionRunner({
    journal,
    folder,
    executors: await createExecutors(parseFile(JSON.stringify({ controls }), 'test').controls, toolsFor()),
    ownInstanceId: 'host-1',
    clock: systemClock,
    nowMs: () => Date.now(),
    idleSince: () => ({ idle: true }),
    gpuProcesses: async () => [],
    log: silentLog,
  });
  const results: Result[] = [];
  runner.onResult = (result) => void results.push(result);
  return { runner, journal, results };
}
const shell = (text: string) => ['/bin/sh', '-c', text];

describe('an offer that is taken back', () => {
  it('is refused, and never carried out, when it had not begun', async () => {
    const { runner, journal, results } = await scene([
      { kind: 'command', stop: shell(`sleep 0.2; echo x >> ${folder}/runs`) },
    ]);
    runner.offer(offer());
    runner.offer(offer({ actionId: 'act_2' })); // waits for the first
    runner.cancel('act_2');
    runner.cancel('act_9'); // of nobody
    expect(results).toMatchObject([{ actionId: 'act_2', outcome: { outcome: 'refused' } }]);
    expect(results[0]?.outcome.message).toContain('cancelled before it began');
    expect(runner.query('act_2')).toMatchObject({ state: 'done' });
    await runner.idle();
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('x\n');
    expect(results.map(({ actionId }) => actionId)).toEqual(['act_2', 'act_1']);
    journal.close();
    // and it stays so after a restart
    const again = await scene([{ kind: 'command', stop: shell(`echo x >> ${folder}/runs`) }]);
    again.runner.recover();
    await again.runner.idle();
    expect(again.runner.unacknowledged.map(({ actionId }) => actionId)).toEqual(['act_1', 'act_2']);
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('x\n');
  });

  it('is refused once when it was just being looked at', async () => {
    const { runner, results } = await scene([
      { kind: 'command', stop: shell(`touch ${folder}/ran`), check: shell('sleep 0.3; exit 0') },
    ]);
    runner.offer(offer());
    await new Promise((resolve) => setTimeout(resolve, 100));
    runner.cancel('act_1');
    await runner.idle();
    expect(results).toHaveLength(1);
    expect(results[0]?.outcome.outcome).toBe('refused');
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  it('goes on when it had begun', async () => {
    const { runner, journal, results } = await scene([
      { kind: 'command', stop: shell(`sleep 0.3; touch ${folder}/ran`) },
    ]);
    runner.offer(offer());
    await eventually('it begins', () => journal.get('act_1')?.startingAtMs !== null);
    runner.cancel('act_1');
    await runner.idle();
    expect(results).toMatchObject([{ outcome: { outcome: 'succeeded', exitCode: 0 } }]);
    expect(existsSync(join(folder, 'ran'))).toBe(true);
  });
});

describe('a command that an earlier run of the agent started', () => {
  it.each([
    ['keeps the rest of its own time-out', { timeoutMs: 60_000, graceMs: 200 }, 59_500],
    ['is stopped at once when its time is over', { timeoutMs: 1_000, graceMs: 200 }, 20_000],
  ])('%s', async (_, limits, agoMs) => {
    const child = spawn('/bin/sleep', ['30'], {
      detached: true,
      stdio: 'ignore',
      env: { [ACTION_VARIABLE]: 'act_1' },
    });
    const pid = child.pid as number;
    const first = new ActionJournal(join(folder, 'journal'), Date.now());
    const atMs = Date.now() - agoMs;
    const records: ActionRecord[] = [
      { t: 'accepted', id: 'act_1', atMs, bootId: '', offer: offer() },
      { t: 'starting', id: 'act_1', atMs, ...limits },
      { t: 'started', id: 'act_1', pid, startTicks: processAt(pid)?.startTicks ?? 0 },
    ];
    for (const record of records) first.write(record);
    first.close();
    new ActionJournal(join(folder, 'journal'), Date.now()).close(); // the limits outlive a rewritten journal
    const { runner, results } = await scene([{ kind: 'command', stop: ['/bin/sleep', '30'] }]);
    const began = performance.now();
    runner.recover();
    await runner.idle();
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(results[0]?.outcome.message).toContain('did not end in time and was stopped');
    expect(processAt(pid)).toBeNull();
  });
});
