import { chunksOf, countLosses, grouped, requestsOf } from './bulk';
import type { GateAnswer } from './bulk';

const answer = (id: number, ...blocks: string[]): readonly [number, GateAnswer] => [
  id,
  {
    instance_id: id,
    checks: [
      { check: 'state', verdict: 'pass', reason: '', blocks: false },
      ...blocks.map((check) => ({ check, verdict: 'refuse', reason: `no: ${check}`, blocks: true })),
    ],
  } as unknown as GateAnswer,
];

describe('stopping many', () => {
  const answers = new Map([
    answer(1),
    answer(2, 'local_disks'),
    answer(3, 'local_disks', 'spot'),
    answer(4, 'activity'),
  ]);

  it('counts the losses that can be accepted, and nothing else that is in the way', () => {
    expect(countLosses(answers.values())).toEqual([
      ['local_disks', 2],
      ['spot', 1],
    ]);
  });

  it('accepts of each only what it has to lose itself', () => {
    expect(requestsOf([1, 2, 3, 4, 5], answers, ['local_disks', 'jobs'])).toEqual([
      { ids: [1, 4, 5], accept: [] },
      { ids: [2, 3], accept: ['local_disks'] },
    ]);
    expect(requestsOf([1, 2, 3], answers, ['local_disks', 'spot'])).toEqual([
      { ids: [1], accept: [] },
      { ids: [2], accept: ['local_disks'] },
      { ids: [3], accept: ['local_disks', 'spot'] },
    ]);
  });

  it('asks for a hundred at a time', () => {
    const ids = Array.from({ length: 250 }, (_, i) => i);
    expect(requestsOf(ids, new Map(), []).map((one) => one.ids.length)).toEqual([100, 100, 50]);
    expect(chunksOf([])).toEqual([]);
  });

  it('groups what has several reasons under each of them', () => {
    expect(grouped([1, 2, 3], (n) => (n === 3 ? ['odd', 'three'] : n === 1 ? ['odd'] : []))).toEqual([
      { name: 'odd', members: [1, 3] },
      { name: 'three', members: [3] },
    ]);
  });
});
