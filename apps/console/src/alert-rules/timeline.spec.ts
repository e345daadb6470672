import { daysBetween, tracksOf } from './timeline';

const at = (text: string) => Date.parse(`2026-11-${text}Z`);
const firing = (id: number, from: string, to: string | null, minutes: number) => ({
  instance: { id, name: `trainer-${id}` },
  from: `2026-11-${from}Z`,
  to: to === null ? null : `2026-11-${to}Z`,
  minutes,
  notified: true,
});

describe('when a rule would have fired', () => {
  it('draws a line for each instance, the longest first', () => {
    // ten days: a day is 10 percent
    const tracks = tracksOf(
      [
        firing(1, '11T00:00:00', '12T00:00:00', 1440),
        firing(2, '18T00:00:00', null, 4320),
        firing(1, '10T12:00:00', '10T12:05:00', 5),
      ],
      at('10T00:00:00'),
      at('20T00:00:00'),
    );
    expect(tracks.map(({ name, minutes }) => [name, minutes])).toEqual([
      ['trainer-2', 4320],
      ['trainer-1', 1445],
    ]);
    expect(tracks[0]!.bars.map(({ left, width }) => [left, width])).toEqual([[80, 20]]);
    // five minutes are 0.03 percent, which nobody would see
    expect(tracks[1]!.bars.map(({ left, width }) => [left, width])).toEqual([
      [10, 10],
      [5, 0.35],
    ]);
  });

  it('keeps a bar inside its line', () => {
    const [track] = tracksOf([firing(1, '19T23:59:00', null, 1)], at('10T00:00:00'), at('20T00:00:00'));
    expect(track!.bars[0]!.left + track!.bars[0]!.width).toBe(100);
  });

  it('names the days of the zone, at most seven', () => {
    const berlin = (ms: number) => new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' }).format(ms);
    expect(daysBetween(at('10T00:00:00'), at('12T00:00:00'), berlin)).toEqual([at('10T23:00:00'), at('11T23:00:00')]);
    expect(daysBetween(at('01T00:00:00'), at('30T00:00:00'), berlin).length).toBeLessThanOrEqual(7);
  });
});
