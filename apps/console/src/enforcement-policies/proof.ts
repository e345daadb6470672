import type { Schemas } from '../data/api';
import { count, money } from '../ui/format';

export type Simulation = Schemas['PolicySimulation'];

/** The figures of a simulation by which somebody arms a policy. */
export interface Proof {
  readonly days: number;
  readonly stops: number;
  readonly falseStops: number;
  readonly undecided: number;
  readonly amounts: readonly { readonly currency: string; readonly amount: number }[];
}

export const proofOf = (found: Simulation, days: number): Proof => ({
  days,
  stops: found.total_stops,
  falseStops: found.false_stops,
  undecided: found.undecided_stops,
  amounts: found.avoidable,
});

/** Amounts of several currencies are never added up. */
export const amountsWords = (amounts: Proof['amounts']): string =>
  amounts.length === 0 ? '–' : amounts.map(({ amount, currency }) => money(amount, currency)).join(' + ');

export function proofWords({ days, stops, falseStops, undecided, amounts }: Proof): string {
  const when = days === 1 ? 'the last day' : `the last ${days} days`;
  if (stops === 0) return `In ${when} it would have stopped nothing.`;
  const judged = stops - undecided;
  const wrong = judged === 0 ? 'none can be judged yet' : `${count(falseStops)} of ${count(judged)} judged were false`;
  const saved = amounts.length === 0 ? '' : `, ${amountsWords(amounts)} avoidable`;
  return `In ${when}: ${count(stops)} ${stops === 1 ? 'stop' : 'stops'}, ${wrong}${saved}.`;
}
