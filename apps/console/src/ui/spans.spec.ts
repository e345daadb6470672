import { parseLocal, spanMs, toLocal } from './spans';

describe('spans of time', () => {
  it.each([
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['30d', 2_592_000_000],
    ['0h', undefined],
    ['h', undefined],
    ['1y', undefined],
    ['', undefined],
  ])('%s', (text, ms) => expect(spanMs(text)).toBe(ms));
});

describe('the clock of a zone', () => {
  it.each([
    ['UTC', '2026-11-22T10:15:30', '2026-11-22T10:15:30Z'],
    ['Asia/Kolkata', '2026-11-22T15:45:30', '2026-11-22T10:15:30Z'],
    ['America/New_York', '2026-07-01T00:00:00', '2026-07-01T04:00:00Z'],
    ['Pacific/Kiritimati', '2027-01-01T00:00:00', '2026-12-31T10:00:00Z'],
  ])('%s shows %s at %s', (zone, local, utc) => {
    expect(toLocal(Date.parse(utc), zone)).toBe(local);
    expect(parseLocal(local, zone)).toBe(Date.parse(utc));
  });

  it('takes the earlier of an hour that comes twice, and the one after an hour that is skipped', () => {
    // Berlin, 25 October 2026: 03:00 summer time becomes 02:00
    expect(parseLocal('2026-10-25T02:30', 'Europe/Berlin')).toBe(Date.parse('2026-10-25T00:30:00Z'));
    // Berlin, 29 March 2026: 02:00 becomes 03:00; 02:30 is never shown
    expect(parseLocal('2026-03-29T02:30', 'Europe/Berlin')).toBe(Date.parse('2026-03-29T01:30:00Z'));
  });

  it('knows what is no time', () => expect(parseLocal('', 'UTC')).toBeUndefined());
});
