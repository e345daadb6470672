/** The drawers of the inbox: which alerts each asks for. */
export const VIEWS = [
  { id: 'open', title: 'Open', query: { status: 'active', acknowledged: false } },
  { id: 'acknowledged', title: 'Acknowledged', query: { status: 'active', acknowledged: true } },
  { id: 'resolved', title: 'Resolved', query: { status: 'resolved' } },
  { id: 'ignored', title: 'Ignored', query: { status: 'ignored' } },
  { id: 'all', title: 'All', query: {} },
] as const;
export type ViewId = (typeof VIEWS)[number]['id'];

export const viewOf = (id: string) => VIEWS.find((view) => view.id === id) ?? VIEWS[0];

interface Summary {
  readonly total: number;
  readonly unacknowledged: number;
  readonly by_status: Readonly<Record<string, number>>;
}

/** How many alerts lie in a drawer, whatever the filters are. undefined: not known yet */
export function countIn(view: ViewId, summary: Summary | undefined): number | undefined {
  if (!summary) return undefined;
  const active = summary.by_status['active'] ?? 0;
  switch (view) {
    case 'open':
      return summary.unacknowledged;
    case 'acknowledged':
      return active - summary.unacknowledged;
    case 'all':
      return summary.total;
    default:
      return summary.by_status[view] ?? 0;
  }
}

export type Operation = 'acknowledge' | 'resolve' | 'ignore';
const DONE: Readonly<Record<Operation, string>> = {
  acknowledge: 'Acknowledged',
  resolve: 'Resolved',
  ignore: 'Ignored',
};
const alerts = (n: number) => (n === 1 ? 'the alert' : `${n} alerts`);

/** What came of it, in one sentence. */
export function outcome(
  operation: Operation,
  { changed, unchanged, not_found }: Readonly<Record<'changed' | 'unchanged' | 'not_found', readonly number[]>>,
): string {
  const rest = [
    unchanged.length > 0 && `${unchanged.length} ${unchanged.length === 1 ? 'was' : 'were'} dealt with already`,
    not_found.length > 0 && `${not_found.length} ${not_found.length === 1 ? 'is' : 'are'} not there any more`,
  ].filter(Boolean);
  const done = changed.length > 0 ? `${DONE[operation]} ${alerts(changed.length)}` : 'Nothing changed';
  return `${[done, ...rest].join('; ')}.`;
}
