import {
  addTo,
  forEditing,
  forSending,
  groupAround,
  leavesOf,
  nodeAt,
  removeAt,
  replaceAt,
  sweptPath,
  sweptPoint,
  withOperator,
  withPoint,
} from './tree';
import type { Condition } from './tree';

const leaf = (metric: string, operator: Condition['operator'] = 'lt', threshold = 5, duration?: number): Condition => ({
  metric,
  operator,
  threshold,
  ...(duration !== undefined && { duration }),
});
const A = leaf('gpu_utilization', 'lt', 5, 30);
const B = leaf('daily_cost', 'gt', 100);
const C = leaf('temperature', 'gt', 90);
const and = (...rules: Condition[]): Condition => ({ operator: 'AND', rules });
const or = (...rules: Condition[]): Condition => ({ operator: 'OR', rules });
const not = (...rules: Condition[]): Condition => ({ operator: 'NOT', rules });

describe('editing a tree of conditions', () => {
  it('changes one node and leaves the others the same objects', () => {
    const tree = and(A, or(B, C));
    const next = replaceAt(tree, [1, 0], leaf('hourly_cost'));
    expect(next).toEqual(and(A, or(leaf('hourly_cost'), C)));
    expect(nodeAt(next, [0])).toBe(A);
    expect(tree).toEqual(and(A, or(B, C)));
    expect(() => nodeAt(tree, [2])).toThrow(RangeError);
  });

  it('adds at the end of a group; a second rule under NOT becomes "not all of"', () => {
    expect(addTo(and(A), [], B)).toEqual(and(A, B));
    expect(addTo(and(A, or(B)), [1], C)).toEqual(and(A, or(B, C)));
    expect(addTo(not(A), [], B)).toEqual(not(and(A, B)));
    expect(addTo(not(or(A, B)), [], C)).toEqual(not(or(A, B, C)));
  });

  it('takes a group away with its last rule, and never the root', () => {
    expect(removeAt(and(A, or(B)), [1, 0])).toEqual(and(A));
    expect(removeAt(and(A, and(or(B))), [1, 0, 0])).toEqual(and(A));
    expect(removeAt(and(A), [0])).toEqual(and());
    expect(removeAt(and(A), [])).toEqual(and(A));
  });

  it('keeps what is in a group when it combines otherwise', () => {
    expect(withOperator(and(A, B), [], 'OR')).toEqual(or(A, B));
    expect(withOperator(and(A, B), [], 'NOT')).toEqual(not(and(A, B)));
    expect(withOperator(not(and(A, B)), [], 'OR')).toEqual(or(A, B));
    expect(withOperator(not(A), [], 'AND')).toEqual(and(A));
    // NOT of NOT is not thrown away silently
    expect(withOperator(not(not(A)), [], 'AND')).toEqual(and(not(A)));
  });

  it('puts a group of the other kind around a node', () => expect(groupAround(and(A, B), [1])).toEqual(and(A, or(B))));

  it('sends no group that says nothing, and edits the same again', () => {
    expect(forSending(forEditing(A))).toEqual(A);
    expect(forSending(and(or(A)))).toEqual(A);
    expect(forSending(and(A, or(B)))).toEqual(and(A, B));
    expect(forSending(not(and(A)))).toEqual(not(A));
    expect(leavesOf(and(A, not(or(B, C))))).toEqual([A, B, C]);
  });
});

describe('the condition that a simulation sweeps', () => {
  it.each<[string, Condition, readonly number[] | null]>([
    ['alone', A, []],
    ['one of several that must all hold', and(B, A), [1]],
    ['under OR it need not hold', or(A, B), null],
    ['an OR of one must hold', or(A), [0]],
    ['denied', not(A), null],
    ['the mean, not the highest', { ...A, statistic: 'avg' }, null],
    ['of any GPU', { ...A, across_gpus: 'any' }, null],
    ['idle for a time', leaf('idle_minutes', 'gte', 90), []],
    ['above', leaf('gpu_utilization', 'gt', 90), null],
    ['another metric', B, null],
  ])('%s', (_, tree, path) => expect(sweptPath(tree)).toEqual(path));

  it('takes a point into it and leaves everything else', () => {
    const tree = and(B, { ...A, missing_data: 'ignored' });
    expect(sweptPoint(tree, 5)).toEqual({ threshold: 5, duration: 30 });
    expect(withPoint(tree, 8, 120)).toEqual(and(B, { ...A, threshold: 8, duration: 120, missing_data: 'ignored' }));
    expect(withPoint(or(A, B), 8, 120)).toEqual(or(A, B));
  });

  it('reads minutes of idleness at the threshold of the tenant, and writes them out', () => {
    const tree = leaf('idle_minutes', 'gte', 90);
    expect(sweptPoint(tree, 7)).toEqual({ threshold: 7, duration: 90 });
    expect(withPoint(tree, 3, 45)).toEqual(leaf('gpu_utilization', 'lt', 3, 45));
  });
});
