import { formatEnrollmentToken, parseEnrollmentToken } from './index.js';

const pinned = { id: '00ff00ff00ff00ff', secret: 'abcdefghijklmnopqrstuvwx_-0', caSha256: 'ab'.repeat(32) };

describe('an enrolment token', () => {
  it.each([
    ['with the fingerprint of a CA', pinned],
    ['with a publicly trusted server', { ...pinned, caSha256: null }],
  ])('%s comes back as it was', (_, token) => {
    expect(parseEnrollmentToken(` ${formatEnrollmentToken(token)}\n`)).toEqual(token);
  });

  it.each([
    ['cut off', formatEnrollmentToken(pinned).slice(0, -1)],
    ['an API key', 'flt_live_00ff00ff00ff00ff_abcdefghijklmnopqrstuvwx_-0'],
    ['empty', ''],
  ])('%s is none', (_, text) => {
    expect(parseEnrollmentToken(text)).toBeNull();
  });

  it('is not made from parts of a wrong length', () => {
    expect(() => formatEnrollmentToken({ ...pinned, secret: 'short' })).toThrow(RangeError);
  });
});
