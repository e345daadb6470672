import { acceptedColumns, chooseColumns, parseFieldList, refusedField, type Column } from './fields.js';
import { COMMON_COLUMNS, WISH_LIST } from './signals.js';

const HELP = `List of valid properties to query for the switch "--query-gpu":

"index"
Zero based index of the GPU. Can change at each boot. See "uuid".

"uuid" or "gpu_uuid"
This value is the globally unique immutable alphanumeric identifier.

Section about utilization properties
"utilization.gpu"
Percent of time. Value is either "Enabled" or "Disabled".

"clocks_throttle_reasons.active"
Bitmask.
`;
const column = (name: string): Column => ({ name, asked: name });

describe('the driver says which fields it knows', () => {
  it('in lines of nothing but quoted names, aliases included', () => {
    expect([...parseFieldList(HELP)]).toEqual([
      'index',
      'uuid',
      'gpu_uuid',
      'utilization.gpu',
      'clocks_throttle_reasons.active',
    ]);
  });

  it('and gets asked by the name that it knows', () => {
    expect(chooseColumns(parseFieldList(HELP))).toEqual([
      column('index'),
      column('uuid'),
      column('utilization.gpu'),
      { name: 'clocks_event_reasons.active', asked: 'clocks_throttle_reasons.active' },
    ]);
  });

  it('or is asked for what every driver has, when its list is unreadable', () => {
    expect(chooseColumns(parseFieldList('garbage')).map((c) => c.name)).toEqual(COMMON_COLUMNS);
  });

  it('expensive fields are not wished for', () => {
    expect(WISH_LIST.filter((name) => /inforom|histogram|throughput/.test(name))).toEqual([]);
  });
});

describe('a driver that refuses a field', () => {
  const columns = ['index', 'uuid', 'a', 'b', 'c', 'd', 'e', 'f'].map(column);
  const probing = (bad: string[], named: boolean) => {
    const calls: number[] = [];
    const probe = (asked: readonly Column[]) => {
      calls.push(asked.length);
      const refused = asked.find((c) => bad.includes(c.asked));
      const output = refused && named ? `Field "${refused.asked}" is not a valid field to query.\n\n` : '';
      return Promise.resolve({ accepted: refused === undefined, output });
    };
    return { calls, probe };
  };

  it('is asked again without the one that it names', async () => {
    const { calls, probe } = probing(['c', 'f'], true);
    expect((await acceptedColumns(columns, probe)).map((c) => c.name)).toEqual(['index', 'uuid', 'a', 'b', 'd', 'e']);
    expect(calls).toEqual([8, 7, 6]);
  });

  it('is halved until the guilty ones stand alone, when it names none', async () => {
    const { calls, probe } = probing(['c'], false);
    expect((await acceptedColumns(columns, probe)).map((c) => c.name)).not.toContain('c');
    expect(calls.length).toBeLessThanOrEqual(2 * columns.length);
  });

  it('reads the real error text', () => {
    expect(refusedField('Field "definitely_not_a_field" is not a valid field to query.\n\n')).toBe(
      'definitely_not_a_field',
    );
    expect(refusedField('No devices were found')).toBeNull();
  });
});
