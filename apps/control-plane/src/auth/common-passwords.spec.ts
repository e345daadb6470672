import { dictionary } from '@zxcvbn-ts/language-common';
import { isCommon } from './common-passwords.js';

describe('common passwords', () => {
  it('are the 3,000 most frequent of eight characters and more', () => {
    const first = dictionary['passwords-common'].filter((one) => one.length >= 8).slice(0, 3_000);
    expect(first).toHaveLength(3_000);
    expect(first.slice(0, 4)).toEqual(['password', '12345678', '123456789', 'baseball']);
    expect(first.filter((one) => !isCommon(one))).toEqual([]);
  });

  it.each(
    `p@ssword changeme123 admin1234 admin12345 adminadmin rootroot root1234 toor1234 default123 secretsecret abcdefgh
     abcdefghi 111111111 00000000 87654321 987654321 0987654321 12341234 123123123 19840312 flotilla flotilla1
     flotilla2026! gpugpugpu summer2024 winter2026! may-2026 dragon2026 password1! letmein123 monkey1234 qwertyuiop`
      .trim()
      .split(/\s+/),
  )('are refused: %s', (password) => expect(isCommon(password)).toBe(true));

  it.each([
    'a long enough test password',
    'correct horse battery staple',
    'Tr0ub4dor&3x'.toLowerCase(),
    'mq8-vfu2-zzk1',
    '493027715560', // twelve digits
    'seven lamps in the hall',
  ])('are not: %s', (password) => expect(isCommon(password)).toBe(false));
});
