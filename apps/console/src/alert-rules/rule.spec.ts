import { setLocale } from '../ui/format';
import { acrossOf, draftOf, NEW, problemOf, sentenceOf, withMetric, withOperator, withScope } from './rule';
import type { Draft, Names } from './rule';

beforeAll(() => setLocale('en-US'));

const names: Names = {
  unit: '%',
  level: 'gpu',
  instance: (id) => `trainer-${id}`,
  channel: (id) => `#channel-${id}`,
};
const draft = (change: Partial<Draft>): Draft => ({ ...NEW, ...change });

describe('a rule as a sentence', () => {
  it.each<[string, Partial<Draft>, Partial<Names>, string]>([
    [
      'a new one',
      {},
      {},
      'When GPU utilization of all GPUs is below 5 % on all instances for 60 minutes, raise a medium alert and tell every channel that takes it.',
    ],
    [
      'hot GPUs of a team, told to one channel',
      {
        metric: 'temperature',
        operator: 'gt',
        threshold: 85.5,
        duration_minutes: 10,
        severity: 'high',
        scope: 'tagged',
        scope_filter: { tag_key: 'team', tag_value: 'ml' },
        notification_channel_ids: [3],
      },
      { unit: '°C' },
      'When temperature of any GPU is above 85.5 °C on instances with the tag team = ml for 10 minutes, raise a high alert and tell #channel-3.',
    ],
    [
      'a number of the tenant has no instances and no GPUs',
      {
        metric: 'monthly_spend',
        operator: 'gte',
        threshold: 20_000,
        duration_minutes: 0,
        notification_channel_ids: [],
      },
      { unit: 'EUR', level: 'tenant' },
      'When monthly spend is at or above 20,000 EUR, raise a medium alert and tell nobody.',
    ],
    [
      'many instances are counted',
      { scope: 'specific_instance', scope_filter: { instance_ids: [1, 2, 3, 4] }, across_gpus: 'any' },
      {},
      'When GPU utilization of any GPU is below 5 % on trainer-1, trainer-2 and 2 more for 60 minutes, raise a medium alert and tell every channel that takes it.',
    ],
  ])('says %s', (_, change, more, sentence) => {
    expect(sentenceOf(draft(change), { ...names, ...more })).toBe(sentence);
  });

  it('takes any GPU for too much and all for too little, as the engine does', () => {
    expect(acrossOf({ across_gpus: null, operator: 'gte' })).toBe('any');
    expect(acrossOf({ across_gpus: null, operator: 'not_eq' })).toBe('any');
    expect(acrossOf({ across_gpus: null, operator: 'lte' })).toBe('all');
    expect(acrossOf({ across_gpus: 'any', operator: 'lte' })).toBe('any');
  });
});

describe('what changes with it', () => {
  it('drops instances and GPUs where a metric belongs to the tenant', () => {
    const before = draft({
      scope: 'tagged',
      scope_filter: { tag_key: 'team' },
      across_gpus: 'any',
      recovery_threshold: 8,
    });
    const metric = { name: 'monthly_spend', unit: 'currency', level: 'tenant', source: 'budget', meaning: '' } as const;
    expect(withMetric(before, metric)).toMatchObject({
      metric: 'monthly_spend',
      scope: 'all',
      scope_filter: {},
      across_gpus: null,
      recovery_threshold: null,
    });
  });

  it('drops a recovery that would lie on the wrong side', () => {
    const before = draft({ operator: 'gt', threshold: 85, recovery_threshold: 80 });
    expect(withOperator(before, 'gte').recovery_threshold).toBe(80);
    expect(withOperator(before, 'lt').recovery_threshold).toBeNull();
    expect(withOperator(before, 'eq').recovery_threshold).toBeNull();
  });

  it('begins another scope empty, and keeps the one that it had', () => {
    const tagged = draft({ scope: 'tagged', scope_filter: { tag_key: 'team' } });
    expect(withScope(tagged, 'tagged').scope_filter).toEqual({ tag_key: 'team' });
    expect(withScope(tagged, 'specific_instance').scope_filter).toEqual({});
  });

  it('keeps only what can be written of a rule that was loaded', () => {
    const loaded = { ...NEW, id: 7, unit: 'percent', active_alerts: 3, alert_type: 'metric_threshold' };
    expect(draftOf(loaded)).toEqual({ ...NEW, alert_type: 'metric_threshold' });
  });

  it.each([
    [{ rule_name: ' ' }, 'rule_name'],
    [{ rule_name: 'r', scope: 'tagged', scope_filter: { tag_key: '' } }, 'scope_filter.tag_key'],
    [{ rule_name: 'r', scope: 'specific_instance', scope_filter: {} }, 'scope_filter.instance_ids'],
    [{ rule_name: 'r', threshold: Number.NaN }, 'threshold'],
    [{ rule_name: 'r' }, undefined],
  ] as const)('finds what is missing in %j', (change, field) => {
    expect(problemOf(draft(change as Partial<Draft>))?.field).toBe(field);
  });
});
