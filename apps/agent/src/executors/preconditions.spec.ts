import type { KnownProcess } from '@flotilla/domain';
import type { ActionOffer, Plan } from './executor.js';
import { forbidden } from './preconditions.js';
import type { HostNow } from './preconditions.js';

const process = (pid: number, name: string): KnownProcess => ({ device: 'GPU-1', pid, name, startedAtMs: 0 });
const offer = (more: Partial<ActionOffer>): ActionOffer => ({
  actionId: 'act_1',
  fence: 1,
  verb: 'stop',
  instanceId: 'self',
  controlKind: '',
  argumentsJson: '{}',
  expiresAtMs: 2_000,
  force: false,
  idleSinceMs: 0,
  idleBelowPercent: 5,
  generation: 3,
  knownProcesses: [process(7, 'python')],
  ...more,
});
const quiet: HostNow = {
  nowMs: () => 1_000,
  idleSince: () => ({ idle: true }),
  gpuProcesses: async () => [process(7, 'python')],
  newestGeneration: () => 3,
  cancelled: () => false,
};
const plan = { desired: 'stopped', protection: null } as Plan;
const stranger = { gpuProcesses: async () => [process(7, 'python'), process(8, '/usr/bin/train')] };

describe('right before acting', () => {
  it('nothing is against it on a host that is as it was', async () => {
    expect(await forbidden(offer({}), plan, quiet)).toBeNull();
  });

  it.each<[string, Partial<ActionOffer>, Partial<HostNow>, RegExp]>([
    ['a process that nobody knew of', {}, stranger, /did not know of: 8 \(\/usr\/bin\/train\) on GPU-1\. Look/],
    ['processes that cannot be told', {}, { gpuProcesses: async () => null }, /cannot be told now/],
    [
      'a busy GPU',
      { idleSinceMs: 1 },
      { idleSince: () => ({ idle: false, reason: 'at 97 %' }) },
      /not idle any more: at 97/,
    ],
    ['an offer that was taken back', {}, { cancelled: () => true }, /cancelled/],
    ['a deadline that passed', {}, { nowMs: () => 2_000 }, /deadline/],
    ['a later action', {}, { newestGeneration: () => 4 }, /came first/],
  ])('it is refused for %s', async (_, asked, host, sentence) => {
    expect(await forbidden(offer(asked), plan, { ...quiet, ...host })).toMatch(sentence);
  });

  it('force skips idleness and processes, and nothing else', async () => {
    const busy: HostNow = { ...quiet, ...stranger, idleSince: () => ({ idle: false, reason: 'busy' }) };
    expect(await forbidden(offer({ force: true, idleSinceMs: 1 }), plan, busy)).toBeNull();
    expect(await forbidden(offer({ force: true }), { ...plan, protection: 'it is protected' }, busy)).toBe(
      'it is protected',
    );
    expect(await forbidden(offer({ force: true }), plan, { ...busy, newestGeneration: () => 4 })).toMatch(/came first/);
  });

  it('a start asks nothing of the GPUs, and a list of dozens is cut', async () => {
    expect(
      await forbidden(offer({ idleSinceMs: 1 }), { ...plan, desired: 'running' }, { ...quiet, ...stranger }),
    ).toBeNull();
    const many = { gpuProcesses: async () => Array.from({ length: 9 }, (_, i) => process(100 + i, 'x')) };
    expect(await forbidden(offer({}), plan, { ...quiet, ...many })).toMatch(/104 \(x\) on GPU-1 and 4 more/);
  });
});
