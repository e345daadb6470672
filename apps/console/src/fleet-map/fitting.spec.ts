import { fits, fitting } from './fitting';
import type { FleetAnswer, MapInstance } from './gpus';

const NOTHING = { search: '', state: '', provider: '', region: '', gpu: '', tag: '' };
const ONE = {
  id: 1,
  instance_id: 'i-0abc',
  name: null,
  cloud_provider: 'aws',
  region: 'eu-west-1',
  instance_type: 'p5.48xlarge',
  gpu_type: 'H100',
  state: 'running',
  tags: { team: 'ml', url: 'http://a' },
} as unknown as MapInstance;

describe('filters of the map', () => {
  it.each([
    [{}, true],
    [{ search: 'ABC' }, true],
    [{ search: 'P5.' }, true],
    [{ search: '%' }, false],
    [{ state: 'stopped' }, false],
    [{ provider: 'aws', region: 'eu-west-1', gpu: 'H100' }, true],
    [{ region: 'eu-west-2' }, false],
    [{ tag: 'team:ml' }, true],
    [{ tag: 'team:web' }, false],
    // the value of a tag may have colons of its own
    [{ tag: 'url:http://a' }, true],
    [{ tag: 'env:' }, false],
  ])('%j', (wanted, expected) => expect(fits(ONE, { ...NOTHING, ...wanted })).toBe(expected));

  it('are told apart from none at all', () => {
    const fleet = { instances: [ONE, { ...ONE, state: 'stopped' }] } as unknown as FleetAnswer;
    expect(fitting(fleet, NOTHING)).toBeUndefined();
    expect(fitting(fleet, { ...NOTHING, state: 'running' })).toEqual([true, false]);
  });
});
