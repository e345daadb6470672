import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import type { Reading } from '../collectors/collector.js';
import { silentLog } from '../log.js';
import type { MinuteEntry } from '../spool/entry.js';
import { Activity } from './activity.js';
import { MinuteBook } from './minute-book.js';
import { MinuteJournal } from './minute-journal.js';
import { ServerClock } from './server-clock.js';

const NOON_S = Date.UTC(2026, 10, 22, 12) / 1000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-minute-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function scene(clock = new ManualClock(Date.UTC(2026, 10, 22, 12))) {
  const serverClock = new ServerClock(clock);
  const closed: MinuteEntry[] = [];
  const journal = new MinuteJournal(join(folder, 'minutes'), silentLog);
  const book = new MinuteBook({
    clock,
    serverClock,
    journal,
    keep: (minutes) => {
      closed.push(...minutes);
      return Promise.resolve();
    },
  });
  const recovered = book.recover();
  const second = async (readings?: [number, Reading][]) => {
    if (readings) book.sample('GPU-1', clock.nowMs(), new Map(readings));
    await clock.advance(1_000);
    await book.tick();
  };
  return { clock, serverClock, closed, book, journal, recovered, second };
}

describe('the newest values', () => {
  const newest = (book: MinuteBook) =>
    book.takeChanged().map(({ atMs, values }) => [atMs / 1000 - NOON_S, [...values]]);

  it('keep what is read once a minute, until its next reading should have come', async () => {
    const { book, clock, second } = scene();
    await second([
      [1, 10],
      [15, 6346],
    ]);
    await second([[1, 20]]);
    expect(newest(book)).toEqual([
      [
        1,
        [
          [1, 20],
          [15, 6346],
        ],
      ],
    ]);
    await clock.advance(330_000);
    await second([[1, 30]]);
    expect(newest(book)).toEqual([[332, [[1, 30]]]]);
    expect(newest(book)).toEqual([]);
  });

  it('lose at once what turned out not to be there any more', async () => {
    const { book, second } = scene();
    await second([
      [1, 10],
      [11, 30],
    ]);
    await second([
      [1, 20],
      [11, 'fault'],
    ]);
    expect(newest(book)).toEqual([[1, [[1, 20]]]]);
  });

  it('of a device with an interval of its own are covered by it', async () => {
    const { book, clock, closed, second } = scene();
    book.sample('MIG-1', clock.nowMs(), new Map([[4, 12]]), 60);
    for (let s = 0; s < 65; s++) await second();
    expect(closed.map(({ device, minute }) => [device, minute.intervalS])).toEqual([['MIG-1', 60]]);
  });
});

describe('the minute book', () => {
  it('closes a minute 5 s after its end, with one slot for each second that has a sample', async () => {
    const { closed, second } = scene();
    for (let s = 0; s < 60; s++)
      await second(
        s % 5 === 0
          ? [
              [1, s],
              [6, 40],
            ]
          : undefined,
      );
    for (let s = 0; s < 4; s++) await second();
    expect(closed).toEqual([]);
    await second();
    expect(closed).toHaveLength(1);
    expect(closed[0]?.minute.minuteS).toBe(NOON_S);
    expect([...(closed[0]?.minute.seconds ?? [])]).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55]);
    expect([...(closed[0]?.minute.values ?? [])]).toEqual([
      0,
      5,
      10,
      15,
      20,
      25,
      30,
      35,
      40,
      45,
      50,
      55,
      ...Array(12).fill(40),
    ]);
    expect(readdirSync(join(folder, 'minutes'))).toEqual([]);
  });

  it('lets the first value of a second win, and turns no absence into a number', async () => {
    const { book, clock, closed } = scene();
    book.sample(
      'GPU-1',
      clock.nowMs(),
      new Map<number, Reading>([
        [1, 10],
        [6, 'unsupported'],
      ]),
    );
    book.sample('GPU-1', clock.nowMs(), new Map([[1, 99]]));
    await clock.advance(1_000);
    book.sample(
      'GPU-1',
      clock.nowMs(),
      new Map<number, Reading>([
        [6, 55],
        [1, Number.NaN],
        [7, Infinity],
        [8, 1e300],
      ]),
    );
    await book.closeAll();
    expect(closed[0]?.minute.metrics).toEqual([1, 6]);
    expect([...(closed[0]?.minute.values ?? [])]).toEqual([10, NaN, NaN, 55]);
  });

  it('has no minute for a device that had only absences', async () => {
    const { book, clock, closed } = scene();
    book.sample('GPU-1', clock.nowMs(), new Map<number, Reading>([[1, 'fault']]));
    await book.closeAll();
    expect(closed).toEqual([]);
  });

  it('is found again after a crash, without a sample that was written half, and is closed in its time', async () => {
    const first = scene();
    for (let s = 0; s < 10; s++) await first.second([[1, s]]);
    appendFileSync(join(folder, 'minutes', `${NOON_S}.open`), Buffer.from([40, 0, 0, 0, 1, 2, 3]));
    // the process is gone; another one starts 20 s later
    await first.clock.advance(20_000);
    const second = scene(first.clock);
    expect(second.recovered).toHaveLength(10);
    await second.second([[1, 77]]);
    await second.clock.advance(40_000);
    await second.book.tick();
    expect([...(second.closed[0]?.minute.seconds ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 30]);
  });

  it('puts samples where the control plane clock says, however wrong the own one is or becomes', async () => {
    const { book, clock, serverClock, closed } = scene();
    clock.jump(2 * 3_600_000); // this host is two hours ahead
    serverClock.set(NOON_S * 1000, 0);
    expect(serverClock.skewMs()).toBe(7_200_000);
    book.sample('GPU-1', clock.nowMs(), new Map([[1, 1]]));
    await clock.advance(10_000);
    clock.jump(-5 * 3_600_000); // and somebody sets it back in mid session
    book.sample('GPU-1', clock.nowMs(), new Map([[1, 2]]));
    await clock.advance(10_000);
    const readAt = clock.nowMs();
    clock.jump(3_600_000); // between the reading and its delivery
    book.sample('GPU-1', readAt, new Map([[1, 3]]));
    await book.closeAll();
    expect(closed.map(({ minute }) => [minute.minuteS, [...minute.seconds]])).toEqual([[NOON_S, [0, 10, 20]]]);
  });

  it('sends late samples of a closed minute as a part of their own', async () => {
    const { book, clock, closed, second } = scene();
    await second([[1, 5]]);
    await clock.advance(65_000);
    await book.tick();
    book.sample('GPU-1', (NOON_S + 59) * 1000 + 500, new Map([[1, 6]])); // read 6.5 s ago
    for (let s = 0; s < 6; s++) await second();
    expect(closed.map(({ minute }) => [...minute.seconds])).toEqual([[0], [59]]);
  });
});

describe('what the host saw of idleness', () => {
  const activity = () => new Activity(join(folder, 'activity'), silentLog);
  const at = (minute: number) => (NOON_S + minute * 60) * 1000;

  it.each([
    ['thirty quiet minutes', (a: Activity) => fill(a, 0, 30, 1), true, ''],
    [
      'a busy minute in the middle',
      (a: Activity) => (fill(a, 0, 30, 1), a.note('GPU-1', at(12), 97)),
      false,
      'at 97 %',
    ],
    ['exactly at the threshold', (a: Activity) => fill(a, 0, 30, 5), false, 'at 5 %'],
    ['a second GPU that is busy', (a: Activity) => (fill(a, 0, 30, 1), fill(a, 0, 30, 50, 'GPU-2')), false, 'GPU-2'],
    ['a gap of five minutes', (a: Activity) => (fill(a, 0, 10, 1), fill(a, 15, 30, 1)), false, 'not watched'],
    [
      'a gap of three minutes, an agent that was updated',
      (a: Activity) => (fill(a, 0, 10, 1), fill(a, 13, 30, 1)),
      true,
      '',
    ],
    ['nothing since ten minutes', (a: Activity) => fill(a, 0, 20, 1), false, 'not watched'],
    ['nothing at all', () => {}, false, 'no GPU of this host'],
    ['busy only before', (a: Activity) => (fill(a, -30, 0, 90), fill(a, 0, 30, 0)), true, ''],
  ])('%s', (_, prepare, idle, reason) => {
    const seen = activity();
    prepare(seen);
    const answer = seen.idleSince(at(0), 5, at(30));
    expect(answer.idle).toBe(idle);
    if (!answer.idle) expect(answer.reason).toContain(reason);
  });

  it.each([
    ['nothing newer, and it was busy', 90, false],
    ['nothing newer, and it was quiet', 0, true],
  ])('the minute before speaks where there is %s', (_, percent, idle) => {
    const seen = activity();
    seen.note('GPU-1', at(9), percent);
    expect(seen.idleSince(at(10), 5, at(12)).idle).toBe(idle);
  });

  it('is not said of a GPU that is here and never had a reading', () => {
    const seen = activity();
    fill(seen, 0, 30, 0);
    expect(seen.idleSince(at(28), 5, at(30), ['GPU-1']).idle).toBe(true);
    expect(seen.idleSince(at(28), 5, at(30), ['GPU-1', 'GPU-2'])).toMatchObject({
      idle: false,
      reason: expect.stringContaining('GPU-2 was not watched') as string,
    });
  });

  it('is remembered over a restart', () => {
    const before = activity();
    before.load(at(0));
    for (let minute = 0; minute < 30; minute++) {
      before.note('GPU-1', at(minute), minute === 3 ? 80 : 0);
      before.keep(at(minute) / 1000);
    }
    const after = activity();
    after.load(at(30));
    expect(after.idleSince(at(0), 5, at(30)).idle).toBe(false);
    expect(after.idleSince(at(4), 5, at(30)).idle).toBe(true);
  });

  function fill(seen: Activity, from: number, to: number, percent: number, device = 'GPU-1') {
    for (let minute = from; minute < to; minute++) seen.note(device, at(minute), percent);
  }
});
