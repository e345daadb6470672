import { bodyOf, newDraft, problemOf, tagsOf } from './window-form';

const draft = { ...newDraft('2026-11-28', 'Europe/Berlin'), name: 'Deploys' };

describe('the form of a window', () => {
  it('reads its times by the clock of its own zone', () => {
    // 22:00 in Berlin is 21:00 UTC in winter and 20:00 in summer
    expect(bodyOf(draft)).toMatchObject({
      start_time: '2026-11-28T21:00:00.000Z',
      recurrence: null,
      scope: { all: true },
    });
    expect(bodyOf({ ...draft, from: '2026-07-01T22:00', to: '2026-07-02T01:00' })).toMatchObject({
      start_time: '2026-07-01T20:00:00.000Z',
      end_time: '2026-07-01T23:00:00.000Z',
    });
  });

  it('reads tags a line', () => {
    expect(tagsOf(' team = ml \n\nurl=a=b\nonly')).toEqual({ team: 'ml', url: 'a=b', only: '' });
    expect(bodyOf({ ...draft, scope: 'tags', tags: 'team=ml' }).scope).toEqual({ tags: { team: 'ml' } });
    expect(bodyOf({ ...draft, scope: 'instance_ids', instanceIds: [3, 7] }).scope).toEqual({ instance_ids: [3, 7] });
  });

  it.each([
    [{ to: draft.from }, 'It closes after it opens.'],
    [{ timezone: 'Mars/North' }, 'That is no time zone.'],
    [{ from: '' }, 'When does it open first, and when does it close?'],
    [{ scope: 'tags' as const }, 'Which tags? One key=value a line.'],
    [{ recurrence: { ...draft.recurrence, kind: 'weekly' as const, days: [] } }, 'On which days?'],
    [{}, undefined],
  ])('says of %j what is missing', (change, words) => expect(problemOf({ ...draft, ...change })).toBe(words));
});
