import { costWindow } from './cost-filters.js';

const now = new Date('2026-11-22T23:30:00Z');
const day = (text: string) => new Date(`${text}T00:00:00Z`);

describe('the window of a question about costs', () => {
  it.each([
    ['30 days, today included, when nothing is said', {}, '2026-10-24', '2026-11-22'],
    ['as many days as were asked for', { days: 1 }, '2026-11-22', '2026-11-22'],
    ['from a day until today', { start_date: day('2026-11-20') }, '2026-11-20', '2026-11-22'],
    ['with its last day', { start_date: day('2026-11-01'), end_date: day('2026-11-02') }, '2026-11-01', '2026-11-02'],
    ['by its other names', { from: day('2026-11-01'), to: day('2026-11-02') }, '2026-11-01', '2026-11-02'],
    ['so many days up to a day', { end_date: day('2026-11-10'), days: 10 }, '2026-11-01', '2026-11-10'],
    ['so many days from a day on', { start_date: day('2026-11-01'), days: 10 }, '2026-11-01', '2026-11-10'],
  ])('is %s', (_, query, firstDay, lastDay) => {
    expect(costWindow(query, now)).toEqual({ firstDay, lastDay });
  });

  it('names the field that contradicts', () => {
    expect(costWindow({ start_date: day('2026-11-02'), end_date: day('2026-11-01') }, now)).toMatchObject({
      field: 'end_date',
    });
    const all = { start_date: day('2026-11-01'), end_date: day('2026-11-02'), days: 5 };
    expect(costWindow(all, now)).toMatchObject({ field: 'days' });
  });
});
