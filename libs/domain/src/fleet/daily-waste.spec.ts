import { costOfADay } from './daily-waste.js';

it('adds up hours exactly, by currency, and counts what has no price', () => {
  const price = (currency: string, amount: string | null) => ({ currency, price: amount });
  expect(costOfADay([price('USD', '0.1'), price('EUR', '2'), price('USD', '0.2'), price('USD', null)])).toEqual({
    byCurrency: [
      { currency: 'EUR', amount: '48' },
      { currency: 'USD', amount: '7.2' },
    ],
    unpriced: 1,
  });
  expect(costOfADay([])).toEqual({ byCurrency: [], unpriced: 0 });
});
