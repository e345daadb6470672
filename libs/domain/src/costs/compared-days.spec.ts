import { comparedDays } from './compared-days.js';

describe('the days that are compared', () => {
  it.each([
    [
      'leave today out',
      '2026-11-01',
      '2026-11-22',
      { days: 21, lastDay: '2026-11-21', previousFirstDay: '2026-10-11' },
    ],
    ['are all of a window that is over', '2026-10-01', '2026-10-31', { days: 31, previousFirstDay: '2026-08-31' }],
    [
      'leave out what is to come',
      '2026-11-20',
      '2026-11-30',
      { days: 2, lastDay: '2026-11-21', previousFirstDay: '2026-11-18' },
    ],
  ])('%s', (_, firstDay, lastDay, expected) => {
    expect(comparedDays({ firstDay, lastDay }, '2026-11-22').compared).toMatchObject(expected);
  });

  it('are none where no day is over, and the days themselves are there', () => {
    expect(comparedDays({ firstDay: '2026-11-22', lastDay: '2026-11-23' }, '2026-11-22')).toEqual({
      dates: ['2026-11-22', '2026-11-23'],
      compared: null,
    });
  });
});
