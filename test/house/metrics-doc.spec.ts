/** docs/metrics.md names every metric of the catalogue with its unit, and none that is not in it. */
import { METRIC_CATALOGUE } from '@flotilla/domain';
import { read } from './tree.js';

const rows = read('docs/metrics.md')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const documented = rows.flatMap(([, names = '', units = '']) => {
  const all = [...names.matchAll(/`([a-z0-9_]+)`/g)].map((match) => match[1] as string);
  const each = units.split(', ');
  return all.map((name, i): [string, string] => [name, each[i] ?? (each.at(-1) as string)]);
});

it('the metrics page says of every metric what the catalogue says', () => {
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(METRIC_CATALOGUE.map((m) => [m.name, m.unit])));
  expect(documented).toHaveLength(METRIC_CATALOGUE.length);
});
