import { busKey } from '../gpu/bus-key.js';
import type { Column } from './fields.js';
import { RoundReader } from './rounds.js';
import { indexOf, parseRow, uuidOf, type Row } from './rows.js';

const columns = (...names: string[]): Column[] => names.map((name) => ({ name, asked: name }));
const HOT = columns('index', 'uuid', 'utilization.gpu');

describe('a row', () => {
  it('is read from both ends where a name holds commas', () => {
    const row = parseRow('0, GPU-1, Weird, Board, 16GB, 40 %', columns('index', 'uuid', 'name', 'utilization.gpu'));
    expect(row?.get('name')).toEqual({ kind: 'word', word: 'Weird, Board, 16GB' });
    expect(row?.get('utilization.gpu')).toMatchObject({ value: 40 });
  });

  it('keeps a name that looks like something else', () => {
    const row = parseRow('0, GPU-1, N/A', columns('index', 'uuid', 'name'));
    expect(row?.get('name')).toEqual({ kind: 'word', word: 'N/A' });
  });

  it.each([
    ['too few cells', '0, GPU-1'],
    ['extra cells and no name to hold them', '0, GPU-1, 40, 50'],
    ['no index', 'hello, GPU-1, 40'],
    ['an empty index', ', GPU-1, 40'],
    ['no uuid', '0, something else, 40'],
    ['an error line', 'Unable to determine the device handle for GPU 0000:0B:00.0: Unknown Error'],
  ])('is none: %s', (_, line) => expect(parseRow(line, HOT)).toBeNull());

  it('of errors is one, without a name', () => {
    const row = parseRow('[Unknown Error], [Unknown Error], [Unknown Error]', HOT) as Row;
    expect(uuidOf(row)).toBeUndefined();
    expect(indexOf(row)).toBeUndefined();
  });

  it.each([
    ['00000000:0B:00.0', '0000:0b:00.0'],
    ['0000:0B:00.0', '0B:00.0'],
  ])('%s and %s are one place on the bus', (a, b) => expect(busKey(a)).toBe(busKey(b)));
  it('another domain is another place', () => expect(busKey('00010000:0B:00.0')).not.toBe(busKey('0B:00.0')));
});

describe('rounds of the loop, which nothing separates', () => {
  function read(...chunks: string[]) {
    const rounds: (number | undefined)[][] = [];
    const strays: string[] = [];
    const rows: (string | undefined)[] = [];
    const reader = new RoundReader(HOT, {
      row: (row) => rows.push(uuidOf(row)),
      stray: (line) => strays.push(line),
      round: (list) => rounds.push(list.map(indexOf)),
    });
    for (const chunk of chunks) reader.push(chunk);
    const open = rounds.length;
    reader.end();
    return { rounds, strays, rows, open };
  }

  it('end where the index starts again', () => {
    const { rounds, open } = read('0, GPU-a, 1\n1, GPU-b, 2\n0, GPU-a, 3\n1, GPU-b, 4\n');
    expect(rounds).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(open).toBe(1);
  });

  it('are cut right wherever the pipe cuts the text, with \\r\\n too', () => {
    const text = '0, GPU-a, 1\r\n1, GPU-b, 2\r\n0, GPU-a, 3\r\n1, GPU-b, 4\r\n';
    for (let at = 1; at < text.length; at += 1) {
      expect(read(text.slice(0, at), text.slice(at)).rows).toEqual(['GPU-a', 'GPU-b', 'GPU-a', 'GPU-b']);
    }
  });

  it('hold lines that are no rows apart', () => {
    const xid = 'NVRM: Xid (PCI:0000:0b:00): 79, GPU has fallen off the bus.';
    const { rounds, strays } = read(`0, GPU-a, 1\n${xid}\n1, GPU-b, 2\n0, GPU-a, 3\n`);
    expect(strays).toEqual([xid]);
    expect(rounds).toEqual([[0, 1], [0]]);
  });

  it('of one GPU end with every row', () => {
    expect(read('0, GPU-a, 1\n0, GPU-a, 2\n0, GPU-a, 3\n').rounds).toEqual([[0], [0], [0]]);
  });

  it('of nothing but errors are as long as the round before', () => {
    const error = '[Unknown Error], [Unknown Error], [Unknown Error]\n';
    const good = '0, GPU-a, 1\n1, GPU-b, 2\n';
    expect(read(good, good, error, error, error, error).rounds).toEqual([
      [0, 1],
      [0, 1],
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(read(error, error).rounds).toEqual([[undefined], [undefined]]);
  });

  it('with one GPU of errors keep it inside', () => {
    const round = '0, GPU-a, 1\n[Unknown Error], [Unknown Error], [Unknown Error]\n2, GPU-c, 3\n';
    expect(read(round, round).rounds).toEqual([
      [0, undefined, 2],
      [0, undefined, 2],
    ]);
  });

  it('may begin with a header that nobody asked for', () => {
    expect(read('index, uuid, utilization.gpu [%]\n0, GPU-a, 1\n')).toMatchObject({ rounds: [[0]], strays: [] });
  });

  it('bear a line without an end', () => {
    const { strays, rows } = read('x'.repeat(1_000_000), 'y'.repeat(1_000_000), '\n0, GPU-a, 1\n');
    expect(rows).toEqual(['GPU-a']);
    expect(strays[0]?.length).toBeLessThanOrEqual(16_384);
  });
});
