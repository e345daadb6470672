export type By = 'month' | 'policy' | 'team' | 'instance';

/** A group as the address keeps it: `team=search`; `team` alone for what has none. */
export const groupText = (by: By, key: string | null): string => (key === null ? by : `${by}=${key}`);

/** The days that a screen is about, UTC, both included. */
export interface Days {
  readonly start_date: string;
  readonly end_date: string;
}

/** What `GET /savings` is asked for so that it lists the stops behind one group of the summary of these days. */
export function groupFilter(text: string, days: Days) {
  const at = text.indexOf('=');
  const by = at < 0 ? text : text.slice(0, at);
  const key = at < 0 ? null : text.slice(at + 1);
  if (by === 'policy') return key === null ? { ...days, by_policy: false } : { ...days, policy_id: Number(key) };
  if (by === 'team') return key === null ? { ...days, without_tag: 'team' } : { ...days, tag: [`team:${key}`] };
  if (by === 'instance' && key !== null) return { ...days, provider_id: key };
  if (by !== 'month' || key === null || !/^\d{4}-\d{2}$/.test(key)) return { ...days };
  const [year, month] = key.split('-').map(Number) as [number, number];
  const last = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
  return {
    start_date: days.start_date > `${key}-01` ? days.start_date : `${key}-01`,
    end_date: days.end_date < last ? days.end_date : last,
  };
}

/** The group in a sentence, for the head of the list. */
export function groupWords(text: string): string {
  const at = text.indexOf('=');
  const [by, key] = at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
  if (key === null) return by === 'policy' ? 'asked for by a person or a key' : `without a ${by}`;
  return by === 'month' ? `counted in ${key}` : `of the ${by} ${key}`;
}
