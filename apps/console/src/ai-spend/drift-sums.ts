interface Day {
  readonly provider: string;
  readonly model_name: string;
  readonly estimated_cost: number | null;
  readonly billed_cost: number | null;
  readonly unpriced_records: number;
}

/** The drift of one model over many days. */
export interface ModelDrift {
  readonly key: string;
  readonly provider: string;
  readonly model_name: string;
  readonly days: number;
  /** Days of which both sides are known: the amounts are of them. */
  readonly compared: number;
  readonly estimated: number | null;
  readonly billed: number | null;
  readonly drift: number | null;
  /** Of the billed. */
  readonly percent: number | null;
  readonly unpriced: number;
}

/** Days taken together by model, the largest drift first; a day that only one side tells is in no amount. */
export function driftByModel(days: readonly Day[]): readonly ModelDrift[] {
  const models = new Map<string, Day[]>();
  for (const day of days) {
    const key = `${day.provider}/${day.model_name}`;
    models.set(key, [...(models.get(key) ?? []), day]);
  }
  return [...models]
    .map(([key, of]): ModelDrift => {
      const both = of.filter(({ estimated_cost, billed_cost }) => estimated_cost !== null && billed_cost !== null);
      const estimated = both.length === 0 ? null : both.reduce((sum, day) => sum + day.estimated_cost!, 0);
      const billed = both.length === 0 ? null : both.reduce((sum, day) => sum + day.billed_cost!, 0);
      const drift = estimated === null || billed === null ? null : billed - estimated;
      return {
        key,
        estimated,
        billed,
        drift,
        provider: of[0]!.provider,
        model_name: of[0]!.model_name,
        days: of.length,
        compared: both.length,
        percent: drift === null || !billed ? null : (drift / billed) * 100,
        unpriced: of.reduce((sum, day) => sum + day.unpriced_records, 0),
      };
    })
    .sort((a, b) => Math.abs(b.drift ?? 0) - Math.abs(a.drift ?? 0) || (a.key < b.key ? -1 : 1));
}
