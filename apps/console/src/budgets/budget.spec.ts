import { bulletOf, bulletSentence, expectedByToday, riskWords, rowsBehind, scopeWords, thresholdWords } from './budget';
import type { Budget, Figures } from './budget';

const figures = {
  elapsed_days: 10,
  remaining_days: 20,
  current_spend: 400,
  projected_spend: 1_100,
  interval_80: { low: 1_000, high: 1_200 },
  interval_95: { low: 950, high: 1_250 },
  overrun_probability: 0.8,
} as Figures;
const budget = {
  name: 'Search',
  scope: 'team',
  scope_value: 'search',
  amount: 900,
  currency: 'USD',
  enabled: true,
  thresholds: [
    { basis: 'actual', percent: 80 },
    { basis: 'forecast_p80', percent: 100 },
    { basis: 'burn_rate', percent: 200 },
  ],
  current: figures,
} as Budget;

describe('a budget in words and places', () => {
  it('expects an even pace by today, and nothing when the period is over', () => {
    expect(expectedByToday(900, figures)).toBe(300);
    expect(expectedByToday(900, { ...figures, remaining_days: 0 })).toBeNull();
  });

  it('draws thresholds on cost and forecast, not those on the pace', () => {
    expect(bulletOf(budget, figures).thresholds).toEqual([
      { percent: 80, forecast: false },
      { percent: 100, forecast: true },
    ]);
  });

  it('says the bar in a sentence, without what is not known', () => {
    expect(bulletSentence(budget, figures)).toMatch(/^Search: .*400.* of .*900.* spent, an even pace .*300.* by today/);
    expect(bulletSentence(budget, { ...figures, projected_spend: null, interval_80: null })).not.toMatch(
      /forecast|80 %/,
    );
  });

  it.each([
    [
      'all',
      null,
      '/costs?tab=charges&start_date=2026-11-01&end_date=2026-11-20',
      '/ai-spend?tab=usage&start_date=2026-11-01&end_date=2026-11-20',
    ],
    ['team', 'a & b', '/costs?…&tag=team%3Aa+%26+b', '/ai-spend?…&team_id=a+%26+b'],
    ['tag', 'stage=a=b', '/costs?…&tag=stage%3Aa%3Db', null],
    ['tag', 'project=x', '/costs?…&tag=project%3Ax', '/ai-spend?…&project_id=x'],
    ['service', 'EBS, gp3', '/costs?…&service=EBS%2C+gp3', null],
    ['account', '12', '/costs?…&account_id=12', null],
    ['instance', 'i-1', '/costs?…&instance_id=i-1', null],
    ['provider', 'aws', '/costs?…&cloud_provider=aws', '/ai-spend?…&provider=aws_bedrock'],
    ['model', 'openai/gpt-4o', null, '/ai-spend?…&provider=openai&model_name=gpt-4o'],
    ['model', 'openai/gpt*', null, '/ai-spend?…&provider=openai'],
  ] as const)('leads to the rows behind %s %s, with its days and its whole scope', (scope, value, charges, usage) => {
    const days = 'tab=charges&start_date=2026-11-01&end_date=2026-11-20';
    const whole = (text: string | null, tab: string) => text?.replace('…', days.replace('charges', tab)) ?? null;
    const current = { ...figures, first_cost_day: '2026-11-01', last_cost_day: '2026-11-30' };
    const one = { ...budget, scope, scope_value: value, cost_type: 'billed', current } as Budget;
    expect(rowsBehind(one, '2026-11-20')).toEqual({ charges: whole(charges, 'charges'), usage: whole(usage, 'usage') });
    expect(rowsBehind({ ...one, cost_type: 'effective' }, '2026-12-05').charges).toBe(
      whole(charges, 'charges')?.replace('11-20', '11-30').concat('&cost_type=effective') ?? null,
    );
  });

  it('claims no certainty', () => {
    expect([riskWords(0), riskWords(1), riskWords(0.424), riskWords(null)]).toEqual(['< 1 %', '> 99 %', '42 %', '–']);
  });

  it('names what it is over and when it tells', () => {
    expect(scopeWords(budget)).toBe('team search');
    expect(scopeWords({ scope: 'all', scope_value: null })).toBe('all cost');
    expect(budget.thresholds.map(thresholdWords)).toEqual([
      '80 % of the limit is spent',
      'with 80 % certainty it comes to 100 % of the limit',
      'a week is spent at 200 % of the pace that just lasts',
    ]);
  });
});
