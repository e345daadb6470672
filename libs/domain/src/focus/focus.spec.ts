import { decimalCell, tagsCell, timeCell } from './focus-cells.js';
import { focusHeader, providerSlug } from './focus-row.js';

const HEADER = [
  'BilledCost',
  'BillingCurrency',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'ChargeCategory',
  'ProviderName',
  'ServiceName',
  'ConsumedQuantity',
  'ChargeClass',
  'Tags',
  'x_Custom',
];
const ROW = {
  BilledCost: '1.50',
  BillingCurrency: 'USD',
  ChargePeriodStart: '2026-11-01 00:00:00',
  ChargePeriodEnd: '2026-11-01 01:00:00',
  ChargeCategory: 'Usage',
  ProviderName: 'AWS',
  ServiceName: 'Amazon EC2',
  ConsumedQuantity: '1',
  ChargeClass: 'NULL',
  Tags: '{"team": "search"}',
  x_Custom: 'kept',
};
const options = { dates: 'iso', now: '2026-11-22T12:00:00Z', simulated: false } as const;
const read = (more: Partial<typeof ROW> = {}, header = HEADER) => {
  const row: Record<string, string> = { ...ROW, ...more };
  return focusHeader(header, options).read(HEADER.map((name) => row[name]!));
};

describe('a FOCUS row', () => {
  it('becomes a charge', () => {
    expect(read()).toMatchObject({
      origin: 'bill',
      source: 'focus',
      provider: 'aws',
      providerName: 'AWS',
      service: 'Amazon EC2',
      billedCost: '1.50',
      // FOCUS writes UTC, also where it does not say so
      chargeStart: '2026-11-01T00:00:00.000Z',
      chargeClass: null,
      effectiveCost: '1.50',
      tags: { team: 'search' },
      focus: { x_Custom: 'kept' },
    });
  });

  it('is read by the names of its columns, in any case and order', () => {
    const odd = HEADER.map((name) => (name === 'BilledCost' ? 'billed_cost' : name.toUpperCase()));
    expect(read({}, odd)).toMatchObject({ billedCost: '1.50', service: 'Amazon EC2' });
  });

  it('takes nothing for nothing, however it is spelled', () => {
    for (const nothing of ['', 'NULL', 'null', ' ']) {
      expect(read({ ConsumedQuantity: nothing, Tags: nothing, ServiceName: nothing })).toMatchObject({
        consumedQuantity: null,
        tags: {},
        service: 'Usage',
      });
    }
  });

  it.each([
    [{ BilledCost: '' }, 'BilledCost'],
    [{ BilledCost: '1,5' }, 'BilledCost: "1,5" is not a decimal number'],
    [{ BilledCost: 'NaN' }, 'BilledCost'],
    [{ BilledCost: '1e30' }, 'at most 15 digits'],
    [{ BilledCost: '1' + '0'.repeat(30) }, 'at most 15 digits'],
    [{ BillingCurrency: 'Dollar' }, 'ISO 4217'],
    [{ BillingCurrency: '' }, 'ISO 4217'],
    [{ ChargeCategory: 'Gift' }, 'one of Usage, Purchase, Tax, Credit, Adjustment'],
    [{ ChargePeriodStart: '2026-02-30T00:00:00Z' }, 'ChargePeriodStart'],
    [{ ChargePeriodStart: '4/1/25', ChargePeriodEnd: '4/1/25' }, 'dates=mdy'],
    [{ ChargePeriodStart: '2026-12-01', ChargePeriodEnd: '2026-12-02' }, 'in the future'],
    [{ ChargePeriodEnd: '2026-10-01' }, 'ChargePeriodEnd'],
    [{ Tags: '{"team":' }, 'Tags'],
    [{ Tags: '["team"]' }, 'Tags'],
    [{ ProviderName: 'NULL' }, 'ProviderName'],
    [{ BilledCost: '-1' }, 'A credit has ChargeCategory Credit'],
    [{ ConsumedQuantity: '-1' }, 'positive, as the cost is'],
  ])('with %j is refused, naming the column', (fault, words) => expect(() => read(fault)).toThrow(words));

  it.each([
    ['a credit', { BilledCost: '-1', ChargeCategory: 'Credit' }],
    ['a correction', { BilledCost: '-1', ChargeClass: 'Correction' }],
    ['usage that is taken back', { BilledCost: '-1', ConsumedQuantity: '-2' }],
  ])('may be negative as %s', (_, row) => expect(read(row).billedCost).toBe('-1'));

  it('may be a purchase for a term that begins later', () => {
    const later = { ChargePeriodStart: '2027-01-01', ChargePeriodEnd: '2028-01-01' };
    expect(read({ ...later, ChargeCategory: 'Purchase' }).chargeStart).toBe('2027-01-01T00:00:00.000Z');
  });
});

describe('a FOCUS header', () => {
  it('names what it lacks, and what it has twice', () => {
    expect(focusHeader(['BilledCost', 'Tags'], options).fault).toContain('BillingCurrency, ChargePeriodStart');
    expect(focusHeader([...HEADER, 'billedcost'], options).fault).toBe('the header has BilledCost twice');
    expect(focusHeader(HEADER, options).fault).toBeNull();
  });
});

describe('cells', () => {
  it.each([
    ['0.00000080000', '0.00000080000'],
    ['4.0E-7', '0.00000040'],
    ['1.5e3', '1500'],
    ['-.5', '-0.5'],
    ['+7', '7'],
    ['007', '7'],
    ['5.', '5'],
  ])('%s is %s', (cell, decimal) => expect(decimalCell('x', cell)).toBe(decimal));

  it.each([
    ['2026-11-01T10:00:00+02:00', 'iso', '2026-11-01T08:00:00.000Z'],
    ['2026-11-01 10:00:00.123', 'iso', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01 10:00:00 UTC', 'iso', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01', 'iso', '2026-11-01T00:00:00.000Z'],
    ['4/1/25', 'mdy', '2025-04-01T00:00:00.000Z'],
    ['4/1/25', 'dmy', '2025-01-04T00:00:00.000Z'],
    ['31/12/2025', 'dmy', '2025-12-31T00:00:00.000Z'],
  ] as const)('%s (%s) is %s', (cell, order, moment) => expect(timeCell('x', cell, order)).toBe(moment));

  it('31/12/2025 is no day of months first', () => expect(() => timeCell('x', '31/12/2025', 'mdy')).toThrow('x'));

  it('takes tags of any kind of value', () => {
    expect(tagsCell('x', '{"a": "1", "b": 2, "c": null, "d": true, "e": {"f": 1}}')).toEqual({
      a: '1',
      b: '2',
      c: '',
      d: '',
      e: '{"f":1}',
    });
  });

  it.each([
    ['Amazon Web Services, Inc.', 'aws'],
    ['Microsoft', 'azure'],
    ['Google Cloud', 'gcp'],
    ['Oracle', 'oci'],
    ['ACMECORP', 'acmecorp'],
    ['Ünïcode!', 'n_code'],
    ['漢字', 'other'],
  ])('the provider %s is %s', (name, slug) => expect(providerSlug(name)).toBe(slug));
});
