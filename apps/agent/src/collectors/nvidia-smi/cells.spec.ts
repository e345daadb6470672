import { numberOf, readCell, wordOf } from './cells.js';

describe('a cell without a value keeps its class and never becomes a number', () => {
  it.each([
    ['[N/A]', 'unsupported'],
    ['N/A', 'unsupported'],
    ['  [N/A] ', 'unsupported'],
    ['[Not Supported]', 'unsupported'],
    ['[Not Found]', 'unsupported'],
    ['[Function Not Found]', 'unsupported'],
    ['[Requested functionality has been deprecated]', 'unsupported'],
    ['Requested functionality has been deprecated', 'unsupported'],
    ['', 'unsupported'],
    ['   ', 'unsupported'],
    ['-', 'unsupported'],
    ['[Insufficient Permissions]', 'forbidden'],
    ['Insufficient Permissions', 'forbidden'],
    ['[REDACTED]', 'forbidden'],
    ['[Unknown Error]', 'fault'],
    ['[GPU is lost]', 'fault'],
    ['[GPU requires reset]', 'fault'],
    ['ERR!', 'fault'],
    ['[Some word that no driver has used before]', 'fault'],
  ] as const)('%s is %s', (raw, why) => {
    const cell = readCell(raw);
    expect(cell).toMatchObject({ kind: 'absent', why });
    expect(numberOf(cell, '%')).toBe(why);
  });

  it.each([
    ['9223372036854775792', 'unsupported'], // DCGM_INT64_BLANK
    ['9223372036854775793', 'unsupported'], // … not found
    ['9223372036854775794', 'unsupported'], // … not supported: leaks as a temperature in dcgm-exporter's README
    ['9223372036854775795', 'forbidden'], // … not permitted
    ['2147483632', 'unsupported'],
    ['2147483635', 'forbidden'],
    ['140737488355328.000000', 'unsupported'],
    ['4294967295', 'unsupported'],
    ['18446744073709551615', 'unsupported'],
    ['17592186044415 MiB', 'unsupported'], // 2^64 - 1 bytes in MiB
    ['0xFFFFFFFFFFFFFFFF', 'unsupported'],
  ] as const)('the blank %s is %s', (raw, why) => expect(readCell(raw)).toMatchObject({ kind: 'absent', why }));
});

describe('a cell with a value', () => {
  it.each([
    ['40', 40, ''],
    [' 40 % ', 40, '%'],
    ['631.95 W', 631.95, 'W'],
    ['0.00', 0, ''],
    ['81559 MiB', 81559, 'MiB'],
    ['14742333 KB/s', 14742333, 'KB/s'],
    ['0x0000000000000004', 4, ''],
    ['-12', -12, ''],
  ] as const)('%s', (raw, value, unit) => expect(readCell(raw)).toEqual({ kind: 'number', value, unit }));

  it('is a fault in another unit than the column has: 40 GiB are not 40 MiB', () => {
    expect(numberOf(readCell('40 GiB'), 'MiB')).toBe('fault');
    expect(numberOf(readCell('40 MiB'), 'MiB')).toBe(40);
    expect(numberOf(readCell('40'), 'MiB')).toBe(40);
  });

  it('is a fault when a word stands where a number belongs', () => {
    expect(numberOf(readCell('nan'), '%')).toBe('fault');
    expect(numberOf(readCell('12,5'), 'W')).toBe('fault');
  });

  it('may be a word', () => {
    expect(wordOf(readCell('P0'))).toBe('P0');
    expect(wordOf(readCell('Enabled'))).toBe('Enabled');
    expect(wordOf(readCell('None'))).toBe('None');
    expect(wordOf(readCell('[N/A]'))).toBeUndefined();
  });
});
