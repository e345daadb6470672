import { addressOf, withFilters, withParams } from './address';
import { givenWindow, windowOf, daysIn } from './cost-window';
import { chipsOf, narrowed, valueWords } from './groups';

const today = '2026-11-22';

describe('the days that money is looked at for', () => {
  it.each([
    ['month', '2026-11-01', '2026-11-22'],
    ['last_month', '2026-10-01', '2026-10-31'],
    ['7d', '2026-11-16', '2026-11-22'],
    ['30d', '2026-10-24', '2026-11-22'],
    ['90d', '2026-08-25', '2026-11-22'],
  ] as const)('%s', (preset, start_date, end_date) => {
    expect(windowOf(preset, today)).toEqual({ start_date, end_date });
  });

  it('begin a year earlier in January', () => {
    expect(windowOf('last_month', '2026-01-05')).toEqual({ start_date: '2025-12-01', end_date: '2025-12-31' });
  });

  it.each([
    ['2026-11-02', '2026-11-01'],
    ['2026-02-30', '2026-03-01'],
    ['yesterday', '2026-03-01'],
    ['2026-03-01', null],
  ])('are not from %s to %s', (start, end) => {
    expect(givenWindow(start, end)).toBeUndefined();
  });

  it('are counted with both ends', () => {
    expect(daysIn({ start_date: '2026-02-27', end_date: '2026-03-01' })).toBe(3);
  });
});

describe('the address of a screen about money', () => {
  it('says what is shown, and takes nonsense for nothing', () => {
    const search = new URLSearchParams(
      'range=century&cost_type=guessed&tag=team:a:b&tag=nocolon&without=region&service=Amazon+EC2&start_date=x',
    );
    expect(addressOf(search, today)).toEqual({
      window: windowOf('30d', today),
      preset: '30d',
      costType: 'billed',
      filters: { service: 'Amazon EC2', tag: ['team:a:b'], without: ['region'] },
    });
  });

  it('keeps what else it says when filters change', () => {
    const search = new URLSearchParams('tab=charges&range=7d&tag=team:a&cursor=abc');
    const next = withFilters(search, { tag: ['team:b', 'project:p'], region: 'us' });
    expect(next.toString()).toBe('tab=charges&range=7d&tag=team%3Ab&tag=project%3Ap&region=us');
    expect(withParams(next, { tab: null, range: '90d' }).get('range')).toBe('90d');
  });
});

describe('one group out of many', () => {
  it('is found by filters that are added to those that hold', () => {
    const held = { tag: ['team:search', 'project:p'], region: 'us' };
    expect(narrowed(held, 'tag:team', 'vision')).toEqual({ region: 'us', tag: ['project:p', 'team:vision'] });
    expect(narrowed(held, 'provider', 'aws')).toEqual({ ...held, cloud_provider: 'aws' });
    expect(narrowed(held, 'tag:cost_center', null)).toEqual({ ...held, without: ['tag:cost_center'] });
    expect(narrowed({ without: ['region'] }, 'region', null)).toEqual({ without: ['region'] });
  });

  it('has a name, also where it is what lacks the tag', () => {
    expect(valueWords('tag:team', null)).toBe('No team tag');
    expect(valueWords('gpu_type', null)).toBe('No GPU model');
    expect(valueWords('instance', 'i-1', 'trainer')).toBe('trainer');
    expect(valueWords('origin', 'bill')).toBe('Imported bill');
  });

  it('is shown as filters, each of which can be taken away', () => {
    const chips = chipsOf({ cloud_provider: 'aws', tag: ['team:a:b'], without: ['tag:project'] });
    expect(chips.map(({ dimension, value }) => `${dimension}: ${value}`)).toEqual([
      'Provider: aws',
      'team: a:b',
      'project: No project tag',
    ]);
    expect(chips[1]!.without).toEqual({ cloud_provider: 'aws', tag: [], without: ['tag:project'] });
  });
});
