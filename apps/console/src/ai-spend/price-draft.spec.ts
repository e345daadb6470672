import { emptyDraft, priceBody } from './price-draft';

const draft = emptyDraft('2026-11-22', 'USD');

describe('a price that is written', () => {
  it('is sent as it stands there, without what is empty', () => {
    const model = { ...draft, provider: ' acme ', model_name: 'acme-vision-2', input_cost: '0.10', output_cost: '2' };
    expect(priceBody(model)).toEqual({
      ...{ kind: 'model', provider: 'acme', model_name: 'acme-vision-2' },
      // to the last digit: 0.10 is not made a number
      ...{ input_cost: '0.10', output_cost: '2', currency: 'USD', valid_from: '2026-11-22' },
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
      ...{ kind: 'instance', provider: 'aws', instance_type: 'p5.48xlarge', hourly_cost: '55.04' },
      ...{ currency: 'USD', valid_from: '2026-11-22', valid_to: '2026-12-31' },
    });
  });
});
