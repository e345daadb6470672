import { alertMessage, standingOf } from './budgets.figures.js';

describe('how a budget stands', () => {
  it.each([
    ['over', '901', 0.1, true],
    ['likely', '900', 0.5, true],
    ['maybe', '1', 0.1, true],
    ['fine', '1', 0.09, true],
    ['unknown', '1', null, true],
    ['off', '901', 1, false],
  ] as const)('%s with %s of 900 spent and a probability of %s', (standing, spent, risk, enabled) => {
    expect(standingOf({ amount: '900', enabled }, { current_spend: spent, overrun_probability: risk })).toBe(standing);
  });

  it('waits before it begins and when it is over', () => {
    expect(standingOf({ amount: '1', enabled: true }, undefined)).toBe('waiting');
  });
});

describe('what is said when a threshold of a budget is reached', () => {
  const said = (actual: string, amount: string, more: object = {}) =>
    alertMessage({
      budget_name: 'ML',
      basis: 'actual',
      percent: '80',
      currency: 'USD',
      amount,
      actual,
      figures: {},
      ...more,
    });

  it.each([
    [
      '395457.467692188482',
      '417500',
      'ML: 395,457.47 of 417,500 USD are spent, 94 %: the threshold of 80 % is reached.',
    ],
    ['80', '100.000000', 'ML: 80 of 100 USD are spent, 80 %: the threshold of 80 % is reached.'],
    ['1234567.5', '1300000', 'ML: 1,234,567.50 of 1,300,000 USD are spent, 94 %: the threshold of 80 % is reached.'],
    // tokens cost parts of a cent: there every digit says something
    ['0.004153', '0.005', 'ML: 0.004153 of 0.005 USD are spent, 83 %: the threshold of 80 % is reached.'],
    ['0.58', '1', 'ML: 0.58 of 1 USD are spent, 58 %: the threshold of 80 % is reached.'],
    ['12.5', '0', 'ML: 12.50 USD of a budget of zero, the threshold of 80 % is reached.'],
  ])('%s of %s in cents', (actual, amount, sentence) => expect(said(actual, amount)).toBe(sentence));

  it('rounds what is expected, too', () => {
    const figures = { projected_spend: 459559.751681, projected_spend_p80: 470000.129 };
    expect(said('1', '417500', { basis: 'forecast_p50', figures })).toBe(
      'ML: 459,559.75 of 417,500 USD are expected by the end of the period, 110 %: the threshold of 80 % is reached.',
    );
    expect(said('1', '417500', { basis: 'forecast_p80', figures })).toContain(
      'ML: with 80 % probability at most 470,000.13 of 417,500 USD are expected',
    );
  });
});
