import type { Schemas } from '../data/api';

export type Condition = Schemas['ConditionNode'];
export type GroupOperator = 'AND' | 'OR' | 'NOT';
export type Comparison = Exclude<Condition['operator'], GroupOperator>;
/** The way from the root to a node: the place in the rules of each group. */
export type Path = readonly number[];

export const isGroup = (node: Condition): boolean => node.rules !== undefined;

/** The node at a path. @throws RangeError when there is none (a bug in the caller) */
export function nodeAt(tree: Condition, path: Path): Condition {
  return path.reduce((node, place) => {
    const next = node.rules?.[place];
    if (!next) throw new RangeError(`there is no rule at ${path.join('.')}`);
    return next;
  }, tree);
}

/** The tree with another node at a path. */
export function replaceAt(tree: Condition, path: Path, node: Condition): Condition {
  const [place, ...rest] = path;
  if (place === undefined) return node;
  const rules = (tree.rules ?? []).map((rule, i) => (i === place ? replaceAt(rule, rest, node) : rule));
  return { ...tree, rules };
}

/** The tree with one more rule at the end of a group. NOT holds one rule: a second one turns it into "not all of". */
export function addTo(tree: Condition, path: Path, node: Condition): Condition {
  const group = nodeAt(tree, path);
  const rules = group.rules ?? [];
  if (group.operator !== 'NOT' || rules.length === 0)
    return replaceAt(tree, path, { ...group, rules: [...rules, node] });
  const [inner] = rules as [Condition];
  const both =
    inner.rules && inner.operator !== 'NOT' ? { ...inner, rules: [...inner.rules, node] } : and([inner, node]);
  return replaceAt(tree, path, { ...group, rules: [both] });
}

/** The tree without a node; a group that has nothing left goes with it. The root stays. */
export function removeAt(tree: Condition, path: Path): Condition {
  if (path.length === 0) return tree;
  const above = path.slice(0, -1);
  const group = nodeAt(tree, above);
  const rules = (group.rules ?? []).filter((_, i) => i !== path.at(-1));
  if (rules.length === 0 && above.length > 0) return removeAt(tree, above);
  return replaceAt(tree, above, { ...group, rules });
}

/** All of, any of, or not: what is in the group stays in it. */
export function withOperator(tree: Condition, path: Path, operator: GroupOperator): Condition {
  const group = nodeAt(tree, path);
  const rules = group.rules ?? [];
  if (operator === 'NOT' && rules.length > 1) {
    return replaceAt(tree, path, { operator, rules: [{ operator: group.operator, rules }] });
  }
  const [only] = rules;
  // "not (a and b)" becomes "any of a, b", not "any of (a and b)"
  if (group.operator === 'NOT' && rules.length === 1 && only?.rules && only.operator !== 'NOT') {
    return replaceAt(tree, path, { operator, rules: only.rules });
  }
  return replaceAt(tree, path, { operator, rules });
}

/** Puts a group around a node, so that something else can stand beside it there. */
export function groupAround(tree: Condition, path: Path): Condition {
  const node = nodeAt(tree, path);
  const above = path.length > 0 ? nodeAt(tree, path.slice(0, -1)).operator : 'OR';
  return replaceAt(tree, path, { operator: above === 'AND' ? 'OR' : 'AND', rules: [node] });
}

/** As it is edited: the root is a group, so that a second condition has a place. */
export const forEditing = (tree: Condition): Condition => (isGroup(tree) ? tree : and([tree]));

/** As it is sent: "all of" or "any of" around one rule says nothing and is left out. */
export function forSending(tree: Condition): Condition {
  if (!tree.rules) return tree;
  const rules = tree.rules.map(forSending);
  const [only] = rules;
  return rules.length === 1 && only && tree.operator !== 'NOT' ? only : { operator: tree.operator, rules };
}

export const leavesOf = (tree: Condition): Condition[] => (tree.rules ? tree.rules.flatMap(leavesOf) : [tree]);

/**
 * Where the condition is whose threshold and duration a simulation sweeps: the first that must hold and says that all GPUs are
 * little used. null: there is none. The control plane decides the same.
 */
export function sweptPath(tree: Condition): Path | null {
  if (!tree.rules) return saysIdle(tree) ? [] : null;
  if (tree.operator === 'NOT' || (tree.operator === 'OR' && tree.rules.length > 1)) return null;
  for (const [place, rule] of tree.rules.entries()) {
    const found = sweptPath(rule);
    if (found) return [place, ...found];
  }
  return null;
}

/** What the swept condition asks now: percent and minutes; null: no such condition. */
export function sweptPoint(tree: Condition, idleBelowPercent: number): { threshold: number; duration: number } | null {
  const path = sweptPath(tree);
  if (!path) return null;
  const leaf = nodeAt(tree, path);
  if (leaf.metric === 'idle_minutes') return { threshold: idleBelowPercent, duration: Math.ceil(leaf.threshold ?? 0) };
  return { threshold: leaf.threshold ?? 0, duration: Math.max(1, leaf.duration ?? 1) };
}

/** The tree with a point of the sweep in it. */
export function withPoint(tree: Condition, threshold: number, duration: number): Condition {
  const path = sweptPath(tree);
  if (!path) return tree;
  const leaf = nodeAt(tree, path);
  const own = leaf.metric === 'gpu_utilization' ? leaf : { metric: 'gpu_utilization', operator: 'lt' as const };
  return replaceAt(tree, path, { ...own, threshold, duration });
}

function saysIdle({ metric, operator, across_gpus: across, statistic }: Condition): boolean {
  if (metric === 'idle_minutes') return operator === 'gt' || operator === 'gte';
  const isLess = operator === 'lt' || operator === 'lte';
  return metric === 'gpu_utilization' && isLess && (across ?? 'all') === 'all' && (statistic ?? 'max') === 'max';
}

const and = (rules: Condition[]): Condition => ({ operator: 'AND', rules });
