import { FALSE, not, TRUE, UNKNOWN } from './hold.js';
import type { Truth } from './hold.js';
import type { PlannedTree } from './plan.js';

/** Kleene's logic: what is unknown decides nothing, and a NOT of it is unknown too. */
export function treeTruth(tree: PlannedTree, leafTruth: (leaf: number) => Truth): Truth {
  if (tree.kind === 'leaf') return leafTruth(tree.leaf);
  if (tree.kind === 'NOT') return not(treeTruth(tree.rules[0]!, leafTruth));
  const decisive = tree.kind === 'AND' ? FALSE : TRUE;
  let unknown = false;
  for (const rule of tree.rules) {
    const truth = treeTruth(rule, leafTruth);
    if (truth === decisive) return decisive;
    if (truth === UNKNOWN) unknown = true;
  }
  if (unknown) return UNKNOWN;
  return decisive === FALSE ? TRUE : FALSE;
}
