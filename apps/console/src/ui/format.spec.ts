import { NONE, ago, bytesOfMebibytes, count, duration, money, percent, setLocale } from './format';

beforeAll(() => setLocale('en-US'));

const plain = (text: string) => text.replace(/\u00a0|\u202f/g, ' ');

describe('what is not there', () => {
  it.each([
    ['percent', percent],
    ['count', count],
    ['duration', duration],
    ['bytes', bytesOfMebibytes],
  ])('%s shows no value as a dash, never as 0', (_name, format) => {
    expect([format(null), format(undefined), format(Number.NaN)]).toEqual([NONE, NONE, NONE]);
    expect(format(0)).not.toBe(NONE);
  });

  it('is not free either', () => expect([money(null, 'USD'), ago(null, 0)]).toEqual([NONE, NONE]));
});

describe('numbers for people', () => {
  it('shows cents of small amounts and none of large ones', () => {
    expect([money(3.1, 'USD'), money(999.994, 'USD'), money(1234.56, 'USD'), money(-2, 'USD')].map(plain)).toEqual([
      '$3.10',
      '$999.99',
      '$1,235',
      '-$2.00',
    ]);
  });

  it('counts memory in what a GPU is sold by', () =>
    expect([512, 1024, 81559].map((mib) => bytesOfMebibytes(mib))).toEqual(['512 MiB', '1 GiB', '79.6 GiB']));

  it.each([
    [0.4, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [150, '2 min'],
    [3_600, '1 h'],
    [3_660, '1 h 1 min'],
    [90_000, '1 d 1 h'],
    [86_400 * 30, '30 d'],
  ])('%p seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));

  it('says how long ago in one unit', () => {
    const now = Date.parse('2026-11-22T12:00:00Z');
    expect(['2026-11-22T11:59:58Z', '2026-11-22T11:58:00Z', '2026-11-21T09:00:00Z'].map((at) => ago(at, now))).toEqual([
      'now',
      '2 min ago',
      '1 d ago',
    ]);
  });
});
