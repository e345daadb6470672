import { decisionMetric } from '../decisions/metrics.js';
import { firingLeaf, recoveryLeaf, recoveryProblem, thresholdWarning } from './rule-condition.js';
import type { RuleCondition } from './rule-condition.js';

const hot: RuleCondition = {
  metric: 'temperature',
  operator: 'gt',
  threshold: 85,
  recoveryThreshold: 80,
  durationMinutes: 10,
  keepFiringMinutes: 5,
  acrossGpus: null,
  missing: 'breaks',
};

describe('what an alert rule evaluates', () => {
  it('fires when any GPU is over, and is over when all are below, by the same number of the minute', () => {
    expect(firingLeaf(hot)).toMatchObject({ operator: 'gt', threshold: 85, durationMinutes: 10, acrossGpus: 'any' });
    expect(recoveryLeaf(hot)).toMatchObject({
      operator: 'lte',
      threshold: 80,
      durationMinutes: 5,
      acrossGpus: 'all',
      statistic: 'avg',
    });
    const idle = { ...hot, metric: 'gpu_utilization', operator: 'lt' as const, threshold: 5, recoveryThreshold: null };
    expect(firingLeaf(idle).acrossGpus).toBe('all');
    expect(recoveryLeaf(idle)).toMatchObject({ operator: 'gte', threshold: 5, acrossGpus: 'any', statistic: 'max' });
  });

  it.each([
    ['gt', 85, 80, true],
    ['gt', 85, 90, false],
    ['lt', 5, 10, true],
    ['lt', 5, 1, false],
    ['eq', 1, 1, false],
  ] as const)('%s %d may recover at %d: %s', (operator, threshold, recoveryThreshold, fits) => {
    expect(recoveryProblem({ ...hot, operator, threshold, recoveryThreshold }) === null).toBe(fits);
  });

  it.each([
    ['gpu_utilization', 'gt', 100, 'never'],
    ['gpu_utilization', 'lt', 101, 'always'],
    ['gpu_utilization', 'gte', 100, null],
    ['gpu_utilization', 'lt', 0, 'never'],
    ['daily_cost', 'gt', 1e9, null],
    ['daily_cost', 'gte', 0, 'always'],
    ['temperature', 'gt', 300, 'never'],
  ] as const)('%s %s %d is %s true', (metric, operator, threshold, expected) => {
    const warning = thresholdWarning(decisionMetric(metric)!, operator, threshold);
    if (expected === null) expect(warning).toBeNull();
    else expect(warning).toContain(`is ${expected} true`);
  });
});
