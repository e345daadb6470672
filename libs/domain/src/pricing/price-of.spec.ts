import { instanceTypeOf, instanceTypes, priceOf, PRICE_TABLE_VERSION } from './price-of.js';
import type { Lifecycle } from './price-of.js';
import { rowsOf } from './sheet.js';

const at = new Date('2026-11-22T10:00:00Z');
const ask = (provider: string, type: string, region: string, lifecycle: Lifecycle | null = 'on_demand') =>
  priceOf({ provider, type, region, lifecycle, at })?.amount ?? null;

describe('the price of an hour', () => {
  it.each([
    ['aws', 'p3.2xlarge', 'us-east-1', '3.06'],
    ['aws', 'p4d.24xlarge', 'us-east-1', '21.957642'], // every digit of the list
    ['aws', 'p5.48xlarge', 'us-east-1', '55.04'],
    ['azure', 'Standard_ND96isr_H100_v5', 'westeurope', '127.816'],
    ['azure', 'standard_nd96isr_h100_v5', 'eastus', '98.32'], // Azure does not care about case
    ['lambda', 'gpu_8x_a100_80gb_sxm4', 'us-east-1', '22.32'],
    ['gcp', 'tpu-v6e-8', 'us-central1', '21.6'],
  ])('%s %s in %s is %s USD', (provider, type, region, amount) => {
    expect(ask(provider, type, region)).toBe(amount);
  });

  it.each([
    ['a region that the table does not have', 'aws', 'p5.48xlarge', 'eu-west-1', 'on_demand'],
    ['a region in which this size was not listed', 'azure', 'Standard_ND96isr_H200_v5', 'eastus', 'on_demand'],
    ['a type without a published price', 'aws', 'p5e.48xlarge', 'us-east-1', 'on_demand'],
    ['a spot machine where no spot price is listed', 'aws', 'p5.48xlarge', 'us-east-1', 'spot'],
    ['a reserved machine', 'aws', 'p5.48xlarge', 'us-east-1', 'reserved'],
    ['another cloud', 'gcp', 'p5.48xlarge', 'us-east-1', 'on_demand'],
    ['a type of which only the specification is known', 'gcp', 'a3-highgpu-8g', 'us-central1', 'on_demand'],
  ] as const)('is not known for %s', (_, provider, type, region, lifecycle) => {
    expect(ask(provider, type, region, lifecycle)).toBeNull();
  });

  it('is the spot price for a spot machine, and the list price while nobody knows how it is paid', () => {
    expect(ask('gcp', 'tpu-v6e-4', 'us-central1', 'spot')).toBe('2.17683');
    expect(ask('aws', 'g5.xlarge', 'us-east-1', null)).toBe('1.006');
  });

  it('says whose list it is and of which day, also for a day before it', () => {
    const price = { provider: 'aws', type: 'g5.xlarge', region: 'us-east-1', lifecycle: null };
    const told = { amount: '1.006', currency: 'USD', asOf: '2026-07-20', table: PRICE_TABLE_VERSION };
    expect(priceOf({ ...price, at })).toMatchObject(told);
    expect(priceOf({ ...price, at: new Date('2024-01-01T00:00:00Z') })).toMatchObject(told);
    expect(priceOf({ ...price, at })?.source).toContain('AWS on-demand');
  });
});

describe('an instance type', () => {
  it.each([
    ['aws', 'p5.48xlarge', { gpuModel: 'h100', gpuCount: 8, gpuMemoryMib: 81920, hasInstanceStore: true }],
    ['aws', 'p3.2xlarge', { gpuModel: 'v100', gpuCount: 1, hasInstanceStore: false }], // EBS only
    ['aws', 'g5g.xlarge', { gpuModel: 't4g', gpuCount: 1, hasInstanceStore: false }],
    ['aws', 'g6f.large', { gpuModel: 'l4', gpuCount: 0, gpuMemoryMib: 2861 }], // an eighth of a GPU
    ['azure', 'Standard_NC24ads_A100_v4', { gpuModel: 'a100-80gb', gpuCount: 1, hasInstanceStore: true }],
    ['azure', 'Standard_NV12ads_A10_v5', { gpuModel: 'a10', gpuCount: 0 }],
    ['gcp', 'a2-highgpu-8g', { gpuModel: 'a100', gpuCount: 8, hasInstanceStore: null }],
    ['lambda', 'gpu_1x_a10', { gpuCount: 1, memoryMib: 204800, hasInstanceStore: null }],
  ])('%s %s', (provider, type, expected) => {
    expect(instanceTypeOf(provider, type)).toMatchObject({ provider, type, ...expected });
  });

  it('that nobody listed is not known', () => {
    expect(instanceTypeOf('aws', 'm5.large')).toBeNull();
  });
});

describe('the table', () => {
  it('has whole rows: counts and prices are numbers, and no type stands twice', () => {
    const all = instanceTypes();
    expect(all.length).toBeGreaterThan(220);
    expect(new Set(all.map((one) => `${one.provider} ${one.type}`)).size).toBe(all.length);
    for (const { gpuCount, gpuMemoryMib, vcpus, memoryMib, asOf } of all) {
      for (const n of [gpuCount, gpuMemoryMib, vcpus, memoryMib])
        expect(n === null || Number.isSafeInteger(n)).toBe(true);
      expect(asOf <= PRICE_TABLE_VERSION).toBe(true);
    }
  });

  it('refuses a line that does not fit its columns', () => {
    const sheet = {
      provider: 'x',
      source: 's',
      asOf: '2026-01-01',
      regions: ['r'],
      columns: ['type', 'price'] as const,
    };
    expect(() => rowsOf({ ...sheet, rows: 'a 1 2' })).toThrow('3 fields in "a 1 2"');
    expect(() => rowsOf({ ...sheet, rows: 'a' })).toThrow(RangeError);
  });
});
