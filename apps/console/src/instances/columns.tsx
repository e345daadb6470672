import { OctagonAlert } from 'lucide-react';
import { Link } from 'wouter';
import { Sparkline } from '../charts/sparkline';
import type { Value } from '../charts/series';
import type { Schemas } from '../data/api';
import { StateBadge } from '../ui/badge';
import { NONE, celsius, count, money, percent, watts } from '../ui/format';
import type { Column } from '../ui/table';
import { Time } from '../ui/time';
import ui from '../ui/ui.module.css';
import css from './instances-table.module.css';
import type { OfInstance } from './per-instance';

export type Instance = Schemas['Instance'];
export const nameOf = (row: { readonly name: string | null; readonly instance_id: string }) =>
  row.name ?? row.instance_id;

/** What cells are drawn from besides the row itself. */
export interface Around {
  readonly lines: ReadonlyMap<number, readonly Value[]>;
  /** How long the lines are, in words. */
  readonly span: string;
  readonly now: ReadonlyMap<number, OfInstance>;
}
type Make = (around: Around) => Column<Instance>;

const of = <K extends keyof OfInstance>(around: Around, row: Instance, what: K, listed: number | null | undefined) =>
  (around.now.get(row.id)?.[what] as number | null | undefined) ?? listed;

/** Every column that there is, in the order in which they stand. The first is always there. */
const COLUMNS = {
  name: () => ({
    title: 'Instance',
    sort: 'name',
    cell: (row) => (
      <span className={css['name']}>
        <Link href={`/instances/${row.id}`} className="name">
          {nameOf(row)}
        </Link>
        <span className={`${ui['hint']} name`}>{row.instance_type ?? row.cloud_provider}</span>
      </span>
    ),
  }),
  state: () => ({ title: 'State', sort: 'state', cell: (row) => <StateBadge state={row.state} /> }),
  gpus: () => ({
    title: 'GPUs',
    tight: true,
    cell: (row) => (
      <>
        {row.gpu_count ?? NONE}{' '}
        {row.gpu_type && (
          <span className={ui['hint']} title={row.gpu_type}>
            × <bdi>{row.gpu_type.replace(/^NVIDIA /, '')}</bdi>
          </span>
        )}
      </>
    ),
  }),
  health: (around) => ({
    title: 'Health',
    tight: true,
    cell: (row) => {
      const known = around.now.get(row.id);
      if (!known) return NONE;
      return known.sick === 0 ? (
        <span className={ui['hint']}>no fault known</span>
      ) : (
        <span className={css['sick']}>
          <OctagonAlert size={14} aria-hidden /> {count(known.sick)} not healthy
        </span>
      );
    },
  }),
  util: (around) => ({
    title: 'Utilisation',
    number: true,
    cell: (row) => percent(of(around, row, 'utilisation', row.latest?.gpu_utilization)),
  }),
  line: (around) => ({
    title: around.span,
    cell: (row) => (
      <Sparkline
        values={around.lines.get(row.id) ?? []}
        label={lineWords(around.lines.get(row.id), around.span)}
        {...{ min: 0, max: 100, width: 96 }}
      />
    ),
  }),
  memory: (around) => ({
    title: 'Memory',
    number: true,
    cell: (row) => percent(of(around, row, 'memory', row.latest?.memory_utilization)),
  }),
  power: (around) => ({
    title: 'Power',
    number: true,
    cell: (row) => watts(of(around, row, 'power', row.latest?.power_draw)),
  }),
  temperature: (around) => ({
    title: 'Hottest',
    number: true,
    cell: (row) => celsius(of(around, row, 'hottest', row.latest?.temperature)),
  }),
  cpu: () => ({ title: 'CPU', number: true, cell: (row) => percent(row.latest?.cpu_utilization) }),
  cost: () => ({
    title: 'An hour',
    sort: 'hourly_cost',
    number: true,
    cell: (row) => money(row.hourly_cost, row.currency),
  }),
  idle: (around) => ({
    title: 'Idle since',
    tight: true,
    cell: (row) => <Time at={around.now.get(row.id)?.idleSince} relative />,
  }),
  type: () => ({
    title: 'Type',
    sort: 'instance_type',
    tight: true,
    cell: (row) => <bdi>{row.instance_type ?? NONE}</bdi>,
  }),
  provider: () => ({ title: 'Provider', tight: true, cell: (row) => row.cloud_provider }),
  region: () => ({
    title: 'Region',
    sort: 'region',
    tight: true,
    cell: (row) => <bdi>{row.region ?? NONE}</bdi>,
  }),
  agent: () => ({
    title: 'Agent',
    tight: true,
    cell: (row) =>
      row.agent ? (
        <>
          <bdi>{row.agent.version ?? 'unknown version'}</bdi>
          {!row.agent.connected && <span className={ui['hint']}> away</span>}
        </>
      ) : (
        NONE
      ),
  }),
  seen: () => ({
    title: 'Seen',
    sort: 'last_seen_at',
    tight: true,
    cell: (row) => <Time at={row.last_seen_at} relative />,
  }),
} satisfies Readonly<Record<string, Make>>;
type Id = keyof typeof COLUMNS;
const MAKE: Readonly<Record<Id, Make>> = COLUMNS;

/** How they are called where one chooses them; the headings are shorter. */
export const CHOICES: readonly (readonly [id: Id, words: string])[] = [
  ['state', 'State'],
  ['gpus', 'GPUs'],
  ['health', 'Health of its GPUs'],
  ['util', 'Utilisation now'],
  ['line', 'Utilisation as a line'],
  ['memory', 'GPU memory in use'],
  ['power', 'Power'],
  ['temperature', 'Hottest GPU'],
  ['cpu', 'CPU'],
  ['cost', 'Cost of an hour'],
  ['idle', 'Idle since'],
  ['type', 'Instance type'],
  ['provider', 'Provider'],
  ['region', 'Region'],
  ['agent', 'Version of its agent'],
  ['seen', 'Last seen'],
];
export const DEFAULT_COLUMNS = 'state,gpus,util,line,memory,temperature,cost,idle,region';

const isId = (text: string): text is Id => text !== 'name' && Object.hasOwn(COLUMNS, text);
/** `tag:team` */
export const isTag = (text: string): boolean => text.startsWith('tag:') && text.length > 4;
const MOST_TAGS = 8;

/** In their own order, tags as they were given; what nobody knows is left out. */
const ordered = (given: readonly string[]) => [
  ...CHOICES.map(([id]) => id).filter((id) => given.includes(id)),
  ...[...new Set(given)].filter(isTag).slice(0, MOST_TAGS),
];

/** Columns of an address. */
export const columnIds = (text: string): readonly string[] => ordered(text.split(',').map(decoded));

/** The same as the address holds it; keys of tags may hold commas. */
export const columnsText = (ids: readonly string[]): string =>
  ordered(ids)
    .map((id) => id.replace(/[%,]/g, (sign) => encodeURIComponent(sign)))
    .join(',') || 'none';

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function columnsOf(ids: readonly string[], around: Around): readonly Column<Instance>[] {
  return ['name', ...ids].flatMap((id) => {
    if (id === 'name' || isId(id)) return [MAKE[id as Id](around)];
    const key = id.slice('tag:'.length);
    return [{ title: key, cell: (row: Instance) => <bdi className={css['tag']}>{row.tags[key] ?? NONE}</bdi> }];
  });
}

/** A line in words, for those who do not see it. */
function lineWords(values: readonly Value[] | undefined, span: string): string {
  const present = (values ?? []).filter((value): value is number => typeof value === 'number' && !Number.isNaN(value));
  if (present.length === 0) return `${span}: nothing was reported`;
  return `${span}: from ${percent(Math.min(...present))} to ${percent(Math.max(...present))}`;
}
