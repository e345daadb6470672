/** Sources of what is known about an instance, best first. own_price: what the tenant says that a type costs it. */
export const FACT_SOURCES = ['user', 'bill', 'own_price', 'cloud', 'agent', 'price_table'] as const;
export type FactSource = (typeof FACT_SOURCES)[number];

/** Where an instance stands and how it is paid for; each is a text. */
export const PLACEMENT_FACTS = [
  'zone',
  /** Account, subscription or project that pays. */
  'account',
  /** on_demand, spot, reserved */
  'lifecycle',
  'auto_scaling_group',
  /** The provider's full name of it (ARN, Azure resource id), as bills have it. */
  'resource_id',
  'kubernetes_node',
  'slurm_node',
  'slurm_cluster',
  /** none, erased (a stop loses what is on them), disposable (that was accepted) */
  'local_disks',
] as const;
export type PlacementFact = (typeof PLACEMENT_FACTS)[number];

export const FACT_NAMES = [
  'name',
  'region',
  'instance_type',
  'gpu_type',
  'gpu_count',
  'tags',
  'hourly_cost',
  'protected',
  ...PLACEMENT_FACTS,
] as const;
export type FactName = (typeof FACT_NAMES)[number];

/** One thing that one source says. */
export interface Fact {
  readonly fact: FactName;
  readonly source: FactSource;
  /**
   * As JSON: text, a count, true; tags as an object (a null value takes a tag of a lesser source away); money as
   * `{ amount, currency }` with a decimal string.
   */
  readonly value: unknown;
  /** Unix milliseconds; of two reporters of the same source the later one counts. */
  readonly atMs: number;
}

/** What counts, all sources taken together. null: nobody said anything. */
export interface EffectiveFacts {
  readonly name: string | null;
  readonly region: string | null;
  readonly instanceType: string | null;
  readonly gpuType: string | null;
  readonly gpuCount: number | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly hourlyCost: { readonly amount: string; readonly currency: string; readonly source: FactSource } | null;
  readonly protected: boolean;
  /** What nobody said is not in it. */
  readonly placement: Readonly<Partial<Record<PlacementFact, string>>>;
}

/**
 * The best source wins, fact by fact and tag by tag. Protection is the other way round: one source that asks for it is
 * enough, whatever the others say.
 */
export function effectiveFacts(facts: readonly Fact[]): EffectiveFacts {
  const best = (name: FactName) => ranked(facts, name)[0];
  const text = (name: FactName) => (best(name)?.value as string | undefined) ?? null;
  const cost = best('hourly_cost');
  return {
    name: text('name'),
    region: text('region'),
    instanceType: text('instance_type'),
    gpuType: text('gpu_type'),
    gpuCount: (best('gpu_count')?.value as number | undefined) ?? null,
    tags: mergedTags(ranked(facts, 'tags')),
    hourlyCost: cost ? { ...(cost.value as { amount: string; currency: string }), source: cost.source } : null,
    protected: facts.some((fact) => fact.fact === 'protected' && fact.value === true),
    placement: Object.fromEntries(
      PLACEMENT_FACTS.flatMap((name) => {
        const value = text(name);
        return value === null ? [] : [[name, value]];
      }),
    ),
  };
}

function ranked(facts: readonly Fact[], name: FactName): Fact[] {
  return facts
    .filter((fact) => fact.fact === name)
    .sort((a, b) => FACT_SOURCES.indexOf(a.source) - FACT_SOURCES.indexOf(b.source) || b.atMs - a.atMs);
}

function mergedTags(bestFirst: readonly Fact[]): Record<string, string> {
  const merged = new Map<string, string | null>();
  for (const { value } of bestFirst) {
    for (const [key, tag] of Object.entries(value as Record<string, string | null>)) {
      if (!merged.has(key)) merged.set(key, tag);
    }
  }
  const present = [...merged].filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(present.sort(([a], [b]) => (a < b ? -1 : 1)));
}
