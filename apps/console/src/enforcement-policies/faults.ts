import { ApiError } from '../data/session';
import { isGroup } from '../conditions/tree';
import type { Condition } from '../conditions/tree';

/**
 * What the API found wrong with conditions, by the path of the node in the editor ("0.1"). What was sent had "all of" around
 * one rule left out, so that the places that the API names are read back.
 */
export function faultsOfConditions(error: unknown, tree: Condition): ReadonlyMap<string, string> {
  const faults = new Map<string, string>();
  if (!(error instanceof ApiError) || !error.details) return faults;
  const { details, message } = error;
  const others = Array.isArray(details['issues'])
    ? (details['issues'] as { field?: string; problem?: string; message?: string }[])
    : [];
  for (const { field = '', problem, message: said } of [{ field: String(details['field']), message }, ...others] as {
    field?: string;
    problem?: string;
    message?: string;
  }[]) {
    if (!field.startsWith('conditions')) continue;
    const sent = [...field.matchAll(/rules[[.](\d+)/g)].map(([, place]) => Number(place));
    const text = (problem ?? said ?? '').replace(`${field}: `, '');
    faults.set(editedPath(tree, sent).join('.'), text);
  }
  return faults;
}

/** Where a node of what was sent stands in what is edited. */
function editedPath(tree: Condition, sent: readonly number[]): number[] {
  const path: number[] = [];
  const rest = [...sent];
  let node = isGroup(tree) ? tree : { operator: 'AND' as const, rules: [tree] };
  for (;;) {
    const skipped = node.operator !== 'NOT' && node.rules!.length === 1;
    const place = skipped ? 0 : rest.shift();
    if (place === undefined) return path;
    path.push(place);
    const next = node.rules![place];
    if (!next?.rules) return path;
    node = next as { operator: 'AND'; rules: Condition[] };
  }
}
