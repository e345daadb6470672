import { costContent, costIdentity, plainDecimal } from './cost-identity.js';
import { COST_FIELDS, costRecord } from './cost-record.js';

const record = costRecord({
  origin: 'reported',
  source: 'sync',
  chargeStart: '2026-11-01T00:00:00.000Z',
  chargeEnd: '2026-11-02T00:00:00.000Z',
  provider: 'aws',
  service: 'Amazon EC2',
  billedCost: '12.50',
  currency: 'USD',
  tags: { team: 'search', environment: 'production' },
});

describe('the identity of a charge', () => {
  it('is its dimensions, whatever order its tags come in and whatever it costs', () => {
    const again = { ...record, billedCost: '13', tags: { environment: 'production', team: 'search' } };
    expect(costIdentity(again)).toBe(costIdentity(record));
  });

  it.each([
    ['another day', { chargeStart: '2026-11-02T00:00:00.000Z' }],
    ['another service', { service: 'Amazon S3' }],
    ['another region', { region: 'eu-west-1' }],
    ['another account', { subAccountId: '1234' }],
    ['another resource', { resourceId: 'i-1' }],
    ['another unit', { consumedUnit: 'GB' }],
    ['other tags', { tags: { team: 'ads' } }],
    ['another kind of charge', { chargeCategory: 'Credit' as const }],
    ['another currency', { currency: 'EUR' }],
  ])('is another one with %s', (_, change) => {
    expect(costIdentity({ ...record, ...change })).not.toBe(costIdentity(record));
  });

  it('is the id that the source gave it, where there is one', () => {
    const named = { ...record, recordId: 'r1' };
    expect(costIdentity({ ...named, service: 'Amazon S3' })).toBe(costIdentity(named));
    expect(costIdentity({ ...named, source: 'openai' })).not.toBe(costIdentity(named));
    expect(costIdentity({ ...named, recordId: 'r2' })).not.toBe(costIdentity(named));
  });
});

describe('the content of a charge', () => {
  it('does not change with the spelling of an amount', () => {
    expect(costContent({ ...record, billedCost: '12.5' })).toBe(costContent(record));
  });

  it.each([
    ['the amount', { billedCost: '12.51' }],
    ['that it is final', { estimated: true }],
    ['the name of the provider', { providerName: 'Amazon Web Services' }],
  ])('changes with %s', (_, change) => {
    expect(costContent({ ...record, ...change })).not.toBe(costContent(record));
  });
});

describe('plainDecimal', () => {
  it.each([
    ['12.50', '12.5'],
    ['007', '7'],
    ['-0.00', '0'],
    ['0.0100', '0.01'],
    ['-3.0', '-3'],
    ['100', '100'],
    ['12345678901234567890.123456789', '12345678901234567890.123456789'],
  ])('%s is %s', (text, plain) => expect(plainDecimal(text)).toBe(plain));
});

describe('what the ledger has stored', () => {
  it('is found again: neither identity nor content is ever written in another way', () => {
    expect(costIdentity(record)).toBe(
      '["reported",[null,null,null,"Usage",null,null,"2026-11-02T00:00:00.000Z",null,"2026-11-01T00:00:00.000Z",null,null,null,"USD",null,"reported",null,null,"aws",null,null,null,null,"Amazon EC2",null,null,null,"sync",null,[["environment","production"],["team","search"]]]]',
    );
    expect(costContent({ ...record, focus: { b: '1', a: '2' } })).toBe(
      '["12.5",null,null,null,"Usage",null,null,"2026-11-02T00:00:00.000Z",null,"2026-11-01T00:00:00.000Z",null,null,null,null,null,"USD","12.5",false,[["a","2"],["b","1"]],null,null,null,"reported",null,null,null,"aws",null,null,null,null,null,null,null,"Amazon EC2",null,false,null,null,"sync",null,[["environment","production"],["team","search"]]]',
    );
  });

  it('has every field in its content', () => {
    expect(Object.keys(record).sort()).toEqual(COST_FIELDS);
  });
});
