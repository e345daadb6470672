import type { operations } from '@flotilla/api-client';
import type { Schemas } from '../data/api';

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
  of: 'tokens',
  provider: '',
  model_name: '',
  instance_type: '',
  region: '',
  input_cost: '',
  output_cost: '',
  cache_read_cost: '',
  cache_write_5m_cost: '',
  request_cost: '',
  usage_unit: '',
  unit_cost: '',
  hourly_cost: '',
  currency,
  valid_from: today,
  valid_to: '',
  note: '',
});

const TOKEN_COSTS = ['input_cost', 'output_cost', 'cache_read_cost', 'cache_write_5m_cost', 'request_cost'] as const;

export type PriceChange = operations['Prices_update']['requestBody']['content']['application/json'];
type Price = Schemas['Price'];

/** A price as it is stored, to be changed. */
export function draftOfPrice(price: Price): PriceDraft {
  const amount = (value: number | null) => (value === null ? '' : plain(value));
  return {
    ...emptyDraft(price.valid_from, price.currency),
    of: price.kind === 'instance' ? 'instance' : price.unit_cost === null ? 'tokens' : 'units',
    provider: price.provider,
    model_name: price.model_name ?? '',
    instance_type: price.instance_type ?? '',
    region: price.region ?? '',
    input_cost: amount(price.input_cost),
    output_cost: amount(price.output_cost),
    cache_read_cost: amount(price.cache_read_cost),
    cache_write_5m_cost: amount(price.cache_write_5m_cost),
    request_cost: amount(price.request_cost),
    usage_unit: price.usage_unit ?? '',
    unit_cost: amount(price.unit_cost),
    hourly_cost: amount(price.hourly_cost),
    valid_to: price.valid_to ?? '',
    note: price.note ?? '',
  };
}

/** As people write it: not 1e-7. */
const plain = (value: number) => {
  const text = String(value);
  return text.includes('e') ? value.toFixed(12).replace(/\.?0+$/, '') : text;
};

const CHANGEABLE = [
  ...['input_cost', 'output_cost', 'cache_read_cost', 'cache_write_5m_cost', 'request_cost'],
  ...['unit_cost', 'hourly_cost', 'currency', 'valid_from', 'valid_to', 'note'],
] as const;

/** What is sent to change a price: what is other than it was, so that no digit of the rest is lost; null takes out. */
export function priceChange(price: Price, draft: PriceDraft): PriceChange {
  const before = draftOfPrice(price);
  const text = (name: keyof PriceDraft) =>
    name === 'currency' ? draft[name].trim().toUpperCase() : draft[name].trim();
  const changed = CHANGEABLE.map((name) => name as keyof PriceDraft).filter((name) => text(name) !== before[name]);
  return {
    ...Object.fromEntries(changed.map((name) => [name, text(name) || null])),
    if_updated_at: price.updated_at,
  } as PriceChange;
}

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
