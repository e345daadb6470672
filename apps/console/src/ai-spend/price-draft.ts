import type { operations } from '@flotilla/api-client';

export type PriceBody = operations['Prices_create']['requestBody']['content']['application/json'];

/** A price as it is written in the form; everything is text until it is sent. */
export interface PriceDraft {
  readonly of: 'tokens' | 'units' | 'instance';
  readonly provider: string;
  readonly model_name: string;
  readonly instance_type: string;
  readonly region: string;
  readonly input_cost: string;
  readonly output_cost: string;
  readonly cache_read_cost: string;
  readonly cache_write_5m_cost: string;
  readonly request_cost: string;
  readonly usage_unit: string;
  readonly unit_cost: string;
  readonly hourly_cost: string;
  readonly currency: string;
  readonly valid_from: string;
  readonly valid_to: string;
  readonly note: string;
}

/** @param today UTC day: a price holds from today on unless something else is said */
export const emptyDraft = (today: string, currency: string): PriceDraft => ({
  ...{ of: 'tokens', provider: '', model_name: '', instance_type: '', region: '' },
  ...{ input_cost: '', output_cost: '', cache_read_cost: '', cache_write_5m_cost: '', request_cost: '' },
  ...{ usage_unit: '', unit_cost: '', hourly_cost: '', currency, valid_from: today, valid_to: '', note: '' },
});

const TOKEN_COSTS = ['input_cost', 'output_cost', 'cache_read_cost', 'cache_write_5m_cost', 'request_cost'] as const;

/** What is sent: amounts as they were written, to the last digit; what is empty is left out. */
export function priceBody(draft: PriceDraft): PriceBody {
  const text = (name: keyof PriceDraft) => (draft[name].trim() === '' ? {} : { [name]: draft[name].trim() });
  const common = {
    provider: draft.provider.trim(),
    currency: draft.currency.trim().toUpperCase(),
    valid_from: draft.valid_from,
    ...text('valid_to'),
    ...text('note'),
  };
  if (draft.of === 'instance') {
    const { instance_type, hourly_cost } = draft;
    return {
      kind: 'instance',
      instance_type: instance_type.trim(),
      hourly_cost: hourly_cost.trim(),
      ...common,
      ...text('region'),
    };
  }
  const amounts =
    draft.of === 'units'
      ? { ...text('usage_unit'), ...text('unit_cost') }
      : Object.assign({}, ...TOKEN_COSTS.map((name) => text(name)));
  return { kind: 'model', model_name: draft.model_name.trim(), ...common, ...amounts } as PriceBody;
}
