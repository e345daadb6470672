import { emptyDraft, priceBody, draftOfPrice, priceChange } from './price-draft';

const draft = emptyDraft('2026-11-22', 'USD');

describe('a price that is written', () => {
  it('is sent as it stands there, without what is empty', () => {
    const model = { ...draft, provider: ' acme ', model_name: 'acme-vision-2', input_cost: '0.10', output_cost: '2' };
    expect(priceBody(model)).toEqual({
      kind: 'model',
      provider: 'acme',
      model_name: 'acme-vision-2',
      // to the last digit: 0.10 is not made a number
      input_cost: '0.10',
      output_cost: '2',
      currency: 'USD',
      valid_from: '2026-11-22',
    });
  });

  it('has the amounts of its kind only', () => {
    const both = {
      ...draft,
      provider: 'openai',
      model_name: 'gpt-image-1',
      input_cost: '1',
      usage_unit: 'images',
      unit_cost: '0.04',
    };
    expect(priceBody({ ...both, of: 'units' })).not.toHaveProperty('input_cost');
    expect(priceBody({ ...both, of: 'tokens' })).not.toHaveProperty('unit_cost');
    const hour = {
      ...draft,
      of: 'instance' as const,
      provider: 'aws',
      instance_type: 'p5.48xlarge',
      hourly_cost: '55.04',
      valid_to: '2026-12-31',
    };
    expect(priceBody(hour)).toEqual({
      kind: 'instance',
      provider: 'aws',
      instance_type: 'p5.48xlarge',
      hourly_cost: '55.04',
      currency: 'USD',
      valid_from: '2026-11-22',
      valid_to: '2026-12-31',
    });
  });
});

describe('a price that is changed', () => {
  const price = {
    id: 7,
    kind: 'model',
    provider: 'openai',
    model_name: 'gpt-4o*',
    instance_type: null,
    region: null,
    input_cost: 2.5,
    output_cost: 1e-7,
    cache_read_cost: null,
    cache_write_5m_cost: null,
    request_cost: null,
    usage_unit: null,
    unit_cost: null,
    hourly_cost: null,
    currency: 'USD',
    valid_from: '2026-11-01',
    valid_to: null,
    note: 'Contract',
    updated_at: '2026-11-02T00:00:00.000Z',
  } as unknown as Parameters<typeof draftOfPrice>[0];
  const read = { if_updated_at: price.updated_at };

  it('is shown as people write it', () => {
    expect(draftOfPrice(price)).toMatchObject({
      of: 'tokens',
      input_cost: '2.5',
      output_cost: '0.0000001',
      valid_to: '',
    });
    expect(draftOfPrice({ ...price, unit_cost: 0.04, usage_unit: 'images' }).of).toBe('units');
    expect(draftOfPrice({ ...price, kind: 'instance', hourly_cost: 30 })).toMatchObject({
      of: 'instance',
      hourly_cost: '30',
    });
  });

  it('sends what is other than it was and nothing else, and as of when it was read', () => {
    const draft = draftOfPrice(price);
    expect(priceChange(price, draft)).toEqual(read);
    expect(priceChange(price, { ...draft, input_cost: ' 3.000000000001 ', note: '', currency: 'eur' })).toEqual({
      input_cost: '3.000000000001',
      note: null,
      currency: 'EUR',
      ...read,
    });
    // what it is of does not change
    expect(priceChange(price, { ...draft, provider: 'other', model_name: 'x' })).toEqual(read);
  });
});
