import { groupFilter, groupText, groupWords } from './group';

const days = { start_date: '2026-09-10', end_date: '2026-11-20' };

describe('the stops behind a group of savings', () => {
  it.each([
    ['month', '2026-09', { start_date: '2026-09-10', end_date: '2026-09-30' }],
    ['month', '2026-10', { start_date: '2026-10-01', end_date: '2026-10-31' }],
    ['month', '2026-11', { start_date: '2026-11-01', end_date: '2026-11-20' }],
    ['policy', '7', { ...days, policy_id: 7 }],
    ['policy', null, { ...days, by_policy: false }],
    ['team', 'a=b', { ...days, tag: ['team:a=b'] }],
    ['team', null, { ...days, without_tag: 'team' }],
    ['instance', 'i-1', { ...days, provider_id: 'i-1' }],
  ] as const)('are those of the %s %s', (by, key, filter) => {
    expect(groupFilter(groupText(by, key), days)).toEqual(filter);
  });

  it('are all of the days where the address names no group that can be', () => {
    for (const text of ['', 'colour=red', 'month=soon', 'instance']) expect(groupFilter(text, days)).toEqual(days);
  });

  it('are named', () => {
    expect([groupWords('team=search'), groupWords('team'), groupWords('policy'), groupWords('month=2026-10')]).toEqual([
      'of the team search',
      'without a team',
      'asked for by a person or a key',
      'counted in 2026-10',
    ]);
  });
});
