import { FittedText } from './fitted-text.js';
import { LocaleText } from './locale-text.js';

describe('texts of a report', () => {
  const german = new LocaleText({ locale: 'de-DE', timezone: 'Europe/Berlin' });
  const american = new LocaleText({ locale: 'en-US', timezone: 'America/New_York' });

  it('writes numbers and times as the tenant does', () => {
    expect(german.of('money', '1234567.5')).toBe('1.234.567,50');
    expect(american.of('money', '1234567.5')).toBe('1,234,567.50');
    expect(german.of('timestamp', new Date('2026-11-22T23:30:00Z'))).toBe('23.11.26, 00:30:00');
    expect(american.of('timestamp', new Date('2026-11-22T23:30:00Z'))).toMatch(/^11\/22\/26, 6:30:00/);
    // a cost day is a day in UTC wherever it is read
    expect(german.of('date', '2026-11-22')).toBe('22.11.26');
  });

  it('does not pass amounts through a double', () => {
    expect(american.of('money', '12345678901234567890.12')).toBe('12,345,678,901,234,567,890.12');
  });

  it('leaves empty what is missing', () => {
    for (const kind of ['money', 'integer', 'timestamp', 'date', 'boolean', 'json', 'text'] as const) {
      expect(american.of(kind, null)).toBe('');
    }
    expect(american.of('integer', 0)).toBe('0');
    expect(american.of('json', { team: 'a', size: 3 })).toBe('team=a, size=3');
  });
});

describe('texts in cells', () => {
  // a font of ASCII in which everything is one wide
  const text = new FittedText({ widthOf: (t) => [...t].length, hasGlyph: (point) => point < 128 || point === 0x2026 });

  it.each([
    ['fits', 10, 'fits', null],
    ['does not fit', 6, 'does …', 'does not fit'],
    ['tab\tand\nline', 20, 'tab and line', 'tab and line'],
    ['שלום', 10, '□□□□', 'שלום'],
    ['🚀 up', 10, '□ up', '🚀 up'],
    ['‮evil', 10, ' evil', ' evil'],
    ['', 10, '', null],
  ])('%j in %d is %j, and read as %j', (given, width, shown, actual) => {
    expect(text.fit(given, width)).toEqual({ shown, actual });
  });

  it('takes 10 kB without measuring it all', () => {
    let measured = 0;
    const counting = new FittedText({ widthOf: (t) => ((measured += t.length), t.length), hasGlyph: () => true });
    const { shown, actual } = counting.fit('x'.repeat(10_000), 20);
    expect(shown).toBe(`${'x'.repeat(19)}…`);
    expect(actual).toHaveLength(1_000);
    expect(measured).toBeLessThan(5_000);
  });
});
