/** What is asked of many instances at once, put in order. Pure. */
import type { Schemas } from '../data/api';
import { isLoss } from './losses';
import type { Loss } from './losses';

export type GateAnswer = Schemas['StopGateAnswer'];
/** Instances of one request, as the API takes them. */
export const AT_ONCE = 100;

export function chunksOf<T>(all: readonly T[], size = AT_ONCE): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** Losses that stand in the way of one and that a person may accept. */
export const lossesOf = (answer: GateAnswer | undefined): readonly Loss[] =>
  (answer?.checks ?? []).flatMap(({ check, blocks }) => (blocks && isLoss(check) ? [check] : []));

/** How many have each loss to accept, the most frequent first. */
export function countLosses(answers: Iterable<GateAnswer>): readonly (readonly [Loss, number])[] {
  const counts = new Map<Loss, number>();
  for (const answer of answers) for (const loss of lossesOf(answer)) counts.set(loss, (counts.get(loss) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

export interface Request {
  readonly ids: readonly number[];
  readonly accept: readonly Loss[];
}

/**
 * Requests in which every instance is asked with those losses alone that it has itself: what was accepted for one is not
 * accepted for another that comes to have it later.
 */
export function requestsOf(
  ids: readonly number[],
  answers: ReadonlyMap<number, GateAnswer>,
  accept: readonly Loss[],
): Request[] {
  const groups = new Map<string, { ids: number[]; accept: readonly Loss[] }>();
  for (const id of ids) {
    const mine = lossesOf(answers.get(id)).filter((loss) => accept.includes(loss));
    const key = [...mine].sort().join();
    const known = groups.get(key);
    if (known) known.ids.push(id);
    else groups.set(key, { ids: [id], accept: mine });
  }
  return [...groups.values()].flatMap((group) =>
    chunksOf(group.ids).map((some) => ({ ids: some, accept: group.accept })),
  );
}

export interface Group<T> {
  readonly name: string;
  readonly members: readonly T[];
}

/** Things by a word, the largest group first; one may have several words. */
export function grouped<T>(all: readonly T[], wordsOf: (one: T) => readonly string[]): Group<T>[] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    for (const word of wordsOf(one)) {
      const known = groups.get(word);
      if (known) known.push(one);
      else groups.set(word, [one]);
    }
  }
  return [...groups]
    .map(([name, members]) => ({ name, members }))
    .sort((a, b) => b.members.length - a.members.length || (a.name < b.name ? -1 : 1));
}
