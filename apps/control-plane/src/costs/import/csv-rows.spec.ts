import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { BrokenCsvError, CsvRows } from './csv-rows.js';

/** Rows with their lines, of a text that comes in pieces of so many characters. */
function rowsOf(text: string, piece = 1_000_000): [number, ...string[]][] {
  const rows: [number, ...string[]][] = [];
  const reader = new CsvRows((cells, line) => rows.push([line, ...cells]));
  for (let at = 0; at < text.length; at += piece) reader.push(text.slice(at, at + piece));
  reader.end();
  return rows;
}

const CELL = fc.oneof(
  fc.string({ maxLength: 8, unit: fc.constantFrom('a', '1', ' ', ',', '"', '\n', '\r', 'é', '😀', '=') }),
  fc.constantFrom('', 'NULL', '-12.50', '{"team": "search"}'),
);
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const written = (cell: string, isQuoted: boolean) => (isQuoted || /[",\r\n]/.test(cell) ? quoted(cell) : cell);

describe('rows of a CSV', () => {
  it('are those that csv-parse reads, wherever the pieces of the text end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(CELL, fc.boolean()), { minLength: 2, maxLength: 5 }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        (table, end, hasLastEnd, piece) => {
          const lines = table.map((row) => row.map(([cell, isQuoted]) => written(cell, isQuoted)).join(','));
          const text = lines.join(end) + (hasLastEnd ? end : '');
          const expected = parse(text, { relax_column_count: true, skip_empty_lines: true, record_delimiter: end });
          expect(rowsOf(text, piece).map(([, ...cells]) => cells)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('know the line that they begin in, over quoted line ends and blank lines', () => {
    expect(rowsOf('\uFEFFa,b\n"1\n2",x\n\n\r\n3,y\r4,z', 2)).toEqual([
      [1, 'a', 'b'],
      [2, '1\n2', 'x'],
      [6, '3', 'y'],
      [7, '4', 'z'],
    ]);
  });

  it('end with an empty cell after a last comma', () => {
    expect(rowsOf('a,b\n1,', 1)).toEqual([
      [1, 'a', 'b'],
      [2, '1', ''],
    ]);
  });

  it.each([
    ['a quote that never closes', 'a,b\n1,2\n3,"4\n5,6\n', 3, 'never closed'],
    ['a quote in a cell', 'a,b\n1,2"3\n', 2, 'cell 2 has a quote'],
    ['text after a quote', 'a,b\n"1"2,3\n', 2, 'cell 1 has a quote'],
    ['a row without an end', `a,b\n"${'x'.repeat(1_100_000)}`, 2, 'longer than'],
  ])('refuses %s, with its line', (_, text, line, words) => {
    const read = () => rowsOf(text, 64 * 1024);
    expect(read).toThrow(BrokenCsvError);
    expect(read).toThrow(words);
    expect(read).toThrow(expect.objectContaining({ line }));
  });
});
