import { alertMessage } from './budgets.figures.js';

describe('what is said when a threshold of a budget is reached', () => {
  const said = (actual: string, amount: string, more: object = {}) =>
    alertMessage({
      ...{ budget_name: 'ML', basis: 'actual', percent: '80', currency: 'USD' },
      ...{ amount, actual, figures: {}, ...more },
    });

  it.each([
    ['395457.467692188482', '417500', 'ML: 395457.47 of 417500 USD are spent (80 % reached).'],
    ['80', '100.000000', 'ML: 80 of 100 USD are spent (80 % reached).'],
    // tokens cost parts of a cent: there every digit says something
    ['0.004153', '0.005', 'ML: 0.004153 of 0.005 USD are spent (80 % reached).'],
  ])('%s of %s in cents', (actual, amount, sentence) => expect(said(actual, amount)).toBe(sentence));

  it('rounds what is expected, too', () => {
    const figures = { projected_spend: 459559.751681, projected_spend_p80: 470000.129 };
    expect(said('1', '417500', { basis: 'forecast_p50', figures })).toContain('about 459559.75 of 417500 USD');
    expect(said('1', '417500', { basis: 'forecast_p80', figures })).toContain('at most 470000.13 of 417500 USD');
  });
});
