import { expandHostList } from './slurm-node.js';

it.each([
  ['gpu1', ['gpu1']],
  ['gpu[01-03]', ['gpu01', 'gpu02', 'gpu03']],
  ['gpu[1-2,7],login', ['gpu1', 'gpu2', 'gpu7', 'login']],
  ['r[1-2]n[8-9]', ['r1n8', 'r1n9', 'r2n8', 'r2n9']],
  ['gpu[098-101]', ['gpu098', 'gpu099', 'gpu100', 'gpu101']],
  ['gpu[5-1]', []],
  ['', []],
])('the host list %s is %j', (list, hosts) => {
  expect(expandHostList(list)).toEqual(hosts);
});

it('is cut where somebody wrote a list without end', () => {
  expect(expandHostList('n[0-99999],m[0-99999]')).toHaveLength(100_000);
});
