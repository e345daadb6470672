import { flatSheet, SELF_HOSTED, tierFactor } from '@flotilla/domain';
import type { AiUsage, ModelPriceSheet } from '@flotilla/domain';
import { listedModel, MODEL_LIST } from './model-list.js';
import type { ListedModel } from './model-list.js';

/** A tenant's own price of a model; amounts per million tokens, as decimals. */
export interface ModelOverride {
  readonly id: number;
  readonly provider: string;
  readonly model_name: string;
  readonly service_tier: string | null;
  readonly batch: boolean | null;
  readonly input_cost: string | null;
  readonly output_cost: string | null;
  readonly cache_read_cost: string | null;
  readonly cache_write_5m_cost: string | null;
  readonly cache_write_1h_cost: string | null;
  readonly input_audio_cost: string | null;
  readonly output_audio_cost: string | null;
  readonly request_cost: string | null;
  /** What one of `usage_unit` costs: then all the amounts above are null. */
  readonly usage_unit: string | null;
  readonly unit_cost: string | null;
  /** Of units: only for this kind of usage, or with * at the end for all that begin so. */
  readonly spend_type: string | null;
  readonly currency: string;
  /** UTC days, both included. */
  readonly valid_from: string;
  readonly valid_to: string | null;
}

export type FoundPrice =
  | {
      readonly ok: true;
      readonly sheet: ModelPriceSheet;
      /** By what the sheet's prices are multiplied; decimal. */
      readonly factor: string;
      readonly currency: string;
      /** The list with its version, or the tenant's price by its id. */
      readonly source: string;
    }
  | { readonly ok: false; readonly reason: string };

export type FoundUnitPrice =
  | {
      readonly ok: true;
      /** Decimal, of one unit. */
      readonly unitCost: string;
      readonly currency: string;
      readonly source: string;
    }
  | { readonly ok: false; readonly reason: string };

/** Prices of one tenant at one moment of its settings. */
export class PriceBook {
  private readonly overrides: readonly ModelOverride[];
  private readonly ofUnits: readonly ModelOverride[];

  constructor(
    own: readonly ModelOverride[],
    private readonly lists: ListCache,
  ) {
    this.overrides = own.filter((price) => price.unit_cost === null);
    this.ofUnits = own.filter((price) => price.unit_cost !== null);
  }

  /**
   * What one unit (an image, a second, a call) cost with a model at `at`. Public lists have no such prices: only the
   * tenant's own count.
   */
  findUnit(provider: string, model: string, at: Date, unit: string, spendType: string): FoundUnitPrice {
    const word = unit.toLowerCase();
    const own = this.ofUnits
      .filter(
        (price) =>
          price.usage_unit!.toLowerCase() === word &&
          (price.spend_type === null || matches(price.spend_type, spendType)) &&
          holds(price, provider, model, at),
      )
      .sort(
        (a, b) => rank(b, model) - rank(a, model) || kindRank(b, spendType) - kindRank(a, spendType) || b.id - a.id,
      )[0];
    if (!own) return { ok: false, reason: `no price is known for ${unit.slice(0, 64)}` };
    return { ok: true, unitCost: own.unit_cost!, currency: own.currency, source: `price:${own.id}` };
  }

  /** What a model of a provider (our name of it) cost at `at`, run so. The tenant's own price goes before the list's. */
  find(provider: string, model: string, at: Date, how: Pick<AiUsage, 'batch' | 'tier'>): FoundPrice {
    const own = this.overrides.length === 0 ? undefined : this.ownPrice(provider, model, at, how);
    if (own) {
      // a price for a certain tier is the price; any other is what the standard tier costs
      const told = own.service_tier !== null || own.batch !== null ? { factor: '1' } : tierFactor(provider, how);
      if ('reason' in told) return { ok: false, reason: told.reason };
      return { ok: true, sheet: sheetOf(own), ...told, currency: own.currency, source: `price:${own.id}` };
    }
    const listed = this.lists.find(provider, model, at);
    if (!listed) return { ok: false, reason: reasonOf(provider, model) };
    const told = tierFactor(provider, how);
    if ('reason' in told) return { ok: false, reason: told.reason };
    return { ok: true, sheet: listed.sheet, ...told, currency: 'USD', source: MODEL_LIST };
  }

  /** The most particular one that holds: the exact model before a pattern, a tier before any, then the newest. */
  private ownPrice(provider: string, model: string, at: Date, how: Pick<AiUsage, 'batch' | 'tier'>) {
    const fits = this.overrides.filter(
      (price) =>
        (price.service_tier === null || price.service_tier === how.tier) &&
        (price.batch === null || price.batch === (how.batch ?? false)) &&
        holds(price, provider, model, at),
    );
    return fits.sort((a, b) => rank(b, model) - rank(a, model) || b.id - a.id)[0];
  }
}

function holds(price: ModelOverride, provider: string, model: string, at: Date): boolean {
  if (price.provider !== provider || !matches(price.model_name, model)) return false;
  const day = at.toISOString().slice(0, 10);
  return price.valid_from <= day && (price.valid_to === null || price.valid_to >= day);
}

const matches = (pattern: string, model: string) =>
  pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : pattern === model;

const rank = (price: ModelOverride, model: string) =>
  (price.model_name === model ? 10_000 : price.model_name.length * 10) +
  (price.service_tier === null ? 0 : 2) +
  (price.batch === null ? 0 : 1);

/** A kind before any, the exact one before a pattern, a longer pattern before a shorter one. */
const kindRank = ({ spend_type: kind }: ModelOverride, spendType: string) =>
  kind === null ? 0 : kind === spendType ? 10_000 : kind.length;

const sheetOf = (price: ModelOverride): ModelPriceSheet =>
  flatSheet({
    input: price.input_cost,
    output: price.output_cost,
    cacheRead: price.cache_read_cost,
    cacheWrite5m: price.cache_write_5m_cost,
    cacheWrite1h: price.cache_write_1h_cost,
    inputAudio: price.input_audio_cost,
    outputAudio: price.output_audio_cost,
    perThousandRequests: price.request_cost,
  });

const reasonOf = (provider: string, model: string) =>
  provider === SELF_HOSTED
    ? 'served by own machines: it costs what they cost'
    : `no price is known for the model ${model.slice(0, 100)} of ${provider.slice(0, 40)}`;

const MOST = 20_000;
const DAY_MS = 86_400_000;

/** Look-ups in the public list, remembered by day: matching a name takes longer than everything else. */
export class ListCache {
  private readonly known = new Map<string, ListedModel | null>();

  find(provider: string, model: string, at: Date): ListedModel | null {
    const key = `${provider}\n${model}\n${Math.floor(at.getTime() / DAY_MS)}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const listed = listedModel(provider, model, at);
    if (listed?.changesWithinDay) return listed;
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(key, listed);
    return listed;
  }
}
