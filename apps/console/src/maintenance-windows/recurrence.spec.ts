import { formOf, ONCE, ruleOf, wordsOf } from './recurrence';

describe('how often a window opens', () => {
  it.each([
    [null, 'once'],
    ['FREQ=DAILY', 'every day'],
    ['FREQ=DAILY;INTERVAL=3', 'every 3 days'],
    ['FREQ=WEEKLY;BYDAY=SA', 'every Saturday'],
    ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', 'every working day'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH', 'every second week on Tuesday and Thursday'],
    ['FREQ=MONTHLY;BYMONTHDAY=1', 'every month on the 1st'],
    ['FREQ=MONTHLY;BYMONTHDAY=22', 'every month on the 22nd'],
    ['FREQ=MONTHLY;BYMONTHDAY=13', 'every month on the 13th'],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', 'every month on its last day'],
    ['FREQ=MONTHLY;BYDAY=1SU', 'every month on the first Sunday'],
    ['FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR', 'every second month on the last Friday'],
    ['FREQ=WEEKLY;BYDAY=SA;UNTIL=20261231T235959', 'every Saturday, until 2026-12-31'],
  ])('%s is “%s”, and the form keeps it to the letter', (rule, words) => {
    expect(wordsOf(rule)).toBe(words);
    expect(ruleOf(formOf(rule))).toBe(rule);
  });

  it.each([
    'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24',
    'FREQ=DAILY;COUNT=5',
    'FREQ=DAILY\nEXDATE:20261224T020000Z',
    'FREQ=WEEKLY',
  ])('leaves %j as it is written', (rule) => {
    expect(formOf(rule)).toMatchObject({ kind: 'custom', text: rule });
    expect(ruleOf(formOf(rule))).toBe(rule);
    expect(wordsOf(rule)).toBe(rule);
  });

  it('writes days in the order of the week, whichever was ticked first', () => {
    expect(ruleOf({ ...ONCE, kind: 'weekly', days: ['SU', 'MO'] })).toBe('FREQ=WEEKLY;BYDAY=MO,SU');
  });
});
