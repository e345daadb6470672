import { bulletOf, bulletSentence, expectedByToday, riskWords, scopeWords, standing, thresholdWords } from './budget';
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

  it('tells over from likely, from perhaps, from not known', () => {
    const at = (change: Partial<Figures>) => standing({ ...budget, current: { ...figures, ...change } });
    expect(at({ current_spend: 901 })).toBe('over');
    expect(at({})).toBe('likely');
    expect(at({ overrun_probability: 0.2 })).toBe('maybe');
    expect(at({ overrun_probability: 0.01 })).toBe('fine');
    expect(at({ overrun_probability: null })).toBe('unknown');
    expect(standing({ ...budget, enabled: false })).toBe('off');
    expect(standing({ ...budget, current: null })).toBe('waiting');
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
