import { ArrowDown, ArrowUp } from 'lucide-react';
import { Link, useSearchParams } from 'wouter';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { Simulated, StateBadge } from '../ui/badge';
import { Button, LinkButton } from '../ui/button';
import { NONE, celsius, count, money, percent } from '../ui/format';
import { Empty, Failed, Loading } from '../ui/states';
import { Time } from '../ui/time';
import css from '../app/app.module.css';
import ui from '../ui/ui.module.css';
import { FleetNumbers } from './fleet-numbers';

type Instance = Schemas['Instance'];
type Sort = NonNullable<
  NonNullable<import('@flotilla/api-client').operations['Instances_findAll']['parameters']['query']>['sort']
>;
const PAGE = 50;

const COLUMNS: readonly { readonly title: string; readonly sort?: Sort; readonly number?: boolean }[] = [
  { title: 'Instance', sort: 'name' },
  { title: 'State', sort: 'state' },
  { title: 'GPUs' },
  { title: 'GPU utilisation' },
  { title: 'Memory', number: true },
  { title: 'Hottest', number: true },
  { title: 'An hour', sort: 'hourly_cost', number: true },
  { title: 'Region', sort: 'region' },
  { title: 'Seen', sort: 'last_seen_at' },
];

/** Every instance; the address holds the filter, the order and the page. */
export default function InstancesScreen() {
  const [search, setSearch] = useSearchParams();
  const term = search.get('search') ?? '';
  const sort = (search.get('sort') ?? 'id') as Sort;
  const page = Math.max(1, Number(search.get('page') ?? 1) || 1);
  const asked = { limit: PAGE, page, sort, ...(term && { search: term }) };
  const list = useLoad(['/api/instances', asked], () => api.GET('/api/instances', { params: { query: asked } }), {
    placeholderData: (before) => before,
    refetchInterval: 30_000,
  });
  const set = (changes: Record<string, string | null>) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes)) {
          if (value === null || value === '') next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  const rows = list.data?.data ?? [];
  const total = list.data?.pagination.total ?? 0;
  if (list.isSuccess && total === 0 && !term) return <NoInstances />;
  return (
    <>
      <div className={css['head']}>
        <h1>Fleet</h1>
        {rows.some((row) => row.simulated) && <Simulated />}
        <span className={css['spacer']} />
        <input
          className={ui['input']}
          style={{ width: 260 }}
          type="search"
          aria-label="Name, id, type, GPU or region"
          placeholder="Name, id, type, GPU or region"
          value={term}
          onChange={(event) => set({ search: event.target.value, page: null })}
        />
        <LinkButton to="/agents/new">Add a host</LinkButton>
      </div>
      <FleetNumbers />
      <section className={ui['card']}>
        {list.isPending && <Loading lines={10} />}
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && rows.length === 0 && <Empty title={`No instance fits “${term}”`} />}
        {rows.length > 0 && (
          <div className={ui['tableBox']} tabIndex={0} role="region" aria-label="Instances">
            <table className={ui['table']}>
              <thead>
                <tr>
                  {COLUMNS.map((column) => (
                    <Head
                      key={column.title}
                      {...column}
                      current={sort}
                      onSort={(to) => set({ sort: to, page: null })}
                    />
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <Row key={row.id} row={row} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {total > PAGE && (
        <div className={css['head']}>
          <span className={ui['hint']}>
            {count((page - 1) * PAGE + 1)} to {count(Math.min(page * PAGE, total))} of {count(total)}
          </span>
          <span className={css['spacer']} />
          <Button disabled={page === 1} onClick={() => set({ page: String(page - 1) })}>
            Back
          </Button>
          <Button disabled={page * PAGE >= total} onClick={() => set({ page: String(page + 1) })}>
            Next
          </Button>
        </div>
      )}
    </>
  );
}

interface HeadProps {
  readonly title: string;
  readonly sort?: Sort;
  readonly number?: boolean;
  readonly current: Sort;
  readonly onSort: (sort: Sort) => void;
}

function Head({ title, sort, number, current, onSort }: HeadProps) {
  const down = sort !== undefined && current === `-${sort}`;
  const up = sort !== undefined && current === sort;
  return (
    <th
      scope="col"
      className={number ? ui['number'] : undefined}
      aria-sort={up ? 'ascending' : down ? 'descending' : undefined}
    >
      {sort === undefined ? (
        title
      ) : (
        <button type="button" className={ui['sort']} onClick={() => onSort((up ? `-${sort}` : sort) as Sort)}>
          {title} {up && <ArrowUp size={13} aria-hidden />} {down && <ArrowDown size={13} aria-hidden />}
        </button>
      )}
    </th>
  );
}

function Row({ row }: { readonly row: Instance }) {
  const { latest } = row;
  return (
    <tr>
      <td>
        <Link href={`/instances/${row.id}`} className="name">
          {row.name ?? row.instance_id}
        </Link>{' '}
        {row.name && <span className={ui['hint']}>{row.instance_type}</span>}
      </td>
      <td>
        <StateBadge state={row.state} />
      </td>
      <td className={ui['tight']}>
        {row.gpu_count ?? NONE} {row.gpu_type && <span className={ui['hint']}>× {row.gpu_type}</span>}
      </td>
      <td>
        <Share value={latest?.gpu_utilization} />
      </td>
      <td className={ui['number']}>{percent(latest?.memory_utilization)}</td>
      <td className={ui['number']}>{celsius(latest?.temperature)}</td>
      <td className={ui['number']}>{money(row.hourly_cost, row.currency)}</td>
      <td className={ui['tight']}>{row.region ?? NONE}</td>
      <td className={ui['tight']}>
        <Time at={row.last_seen_at} relative />
      </td>
    </tr>
  );
}

function Share({ value }: { readonly value: number | null | undefined }) {
  return (
    <div className={ui['bar']}>
      <span>{percent(value)}</span>
      <span className={ui['barTrack']} aria-hidden>
        {value !== null && value !== undefined && (
          <span className={ui['barFill']} style={{ display: 'block', width: `${value}%` }} />
        )}
      </span>
    </div>
  );
}

function NoInstances() {
  return (
    <Empty title="No GPU host yet">
      <p>
        Install the agent on a GPU host with one command and its GPUs appear here within seconds. Or look around first:{' '}
        <code>npm run demo</code> starts a simulated fleet in its own data folder.
      </p>
      <LinkButton to="/agents/new" look="primary">
        Add a host
      </LinkButton>
    </Empty>
  );
}
