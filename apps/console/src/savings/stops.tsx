import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import { Badge } from '../ui/badge';
import { Button, LinkButton } from '../ui/button';
import { duration, money } from '../ui/format';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Choice } from '../ui/tabs';
import { Time } from '../ui/time';
import ui from '../ui/ui.module.css';
import { groupFilter, groupWords } from './group';
import type { Days } from './group';
import css from './savings.module.css';

const PAGE = 25;
export type Status = '' | 'observed' | 'open' | 'closed' | 'verified';

interface StopsProps {
  readonly window: Days;
  readonly status: Status;
  /** Only those of this group of the summary. */
  readonly of: string;
  readonly page: number;
  readonly set: (change: {
    readonly status?: string | null;
    readonly of?: string | null;
    readonly page?: string | null;
  }) => void;
}

const ENDS = { started: 'Started again', terminated: 'Terminated', horizon: 'Credit has ended' } as const;

/** Every stop with its reason, and what it came to. */
export function Stops({ window: { start_date, end_date }, status, of, page, set }: StopsProps) {
  const query = {
    limit: PAGE,
    page,
    ...groupFilter(of, { start_date, end_date }),
    ...(status === 'observed' ? { observed: true } : status !== '' && { status }),
  };
  const list = useLoad(['/api/savings', query], () => api.GET('/api/savings', { params: { query } }));
  const rows = list.data?.data ?? [];
  return (
    <section id="stops">
      <Card
        title="The stops behind it"
        hint={of === '' ? 'each with all of its time off, also of other days' : <bdi>{groupWords(of)}</bdi>}
        actions={
          <>
            {of !== '' && <Button onClick={() => set({ of: null, page: null })}>Show all groups</Button>}
            <Choice<Status>
              label="Which stops"
              value={status}
              options={[
                ['', 'All'],
                ['observed', 'Observed'],
                ['open', 'Off still'],
                ['closed', 'Over'],
                ['verified', 'Verified'],
              ]}
              onChange={(to) => set({ status: to, page: null })}
            />
          </>
        }
      >
        {list.isPending && <Loading />}
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && rows.length === 0 && (
          <Empty title={status || of ? 'No such stop' : 'Nothing was saved yet'}>
            <p>
              A stop that goes through the gate is entered here: what it promised, what it came to, what a bill
              confirms.
            </p>
            <LinkButton to="/policies">Policies that stop idle machines</LinkButton>
          </Empty>
        )}
        {rows.length > 0 && (
          <Table
            label="Stops"
            rows={rows}
            keyOf={(row) => row.id}
            columns={[
              {
                title: 'Instance',
                cell: (row) => (
                  <span className={css['two']}>
                    {row.instance_id === null ? (
                      <bdi>{row.provider_id}</bdi>
                    ) : (
                      <Link href={`/instances/${row.instance_id}`} className="name">
                        {row.name ?? row.provider_id}
                      </Link>
                    )}
                    <span className={ui['hint']}>{row.tags['team'] ?? row.cloud_provider}</span>
                  </span>
                ),
              },
              {
                title: 'Why',
                cell: (row) => (
                  <span className={css['two']}>
                    {row.policy_id === null ? (
                      <bdi>{row.requested_by}</bdi>
                    ) : (
                      <Link href={`/policies/${row.policy_id}`} className="name">
                        {row.requested_by}
                      </Link>
                    )}
                    <Link href={`/actions/${row.action_id}`}>The stop and its evidence</Link>
                  </span>
                ),
              },
              { title: 'Off since', tight: true, cell: (row) => <Time at={row.started_at} /> },
              {
                title: 'Until',
                tight: true,
                cell: (row) =>
                  row.ended_at === null ? (
                    <Badge tone="accent">off still</Badge>
                  ) : (
                    <span className={css['two']}>
                      <Time at={row.ended_at} />
                      <span className={ui['hint']}>{row.end_reason && ENDS[row.end_reason]}</span>
                    </span>
                  ),
              },
              { title: 'Off', number: true, cell: (row) => duration(row.off_hours * 3_600) },
              { title: 'An hour costs', number: true, cell: (row) => money(row.hourly_cost, row.currency) },
              { title: 'Estimated', number: true, cell: (row) => money(row.estimated, row.currency) },
              { title: 'Observed', number: true, cell: (row) => money(row.observed, row.currency) },
              { title: 'Verified', number: true, cell: (row) => money(row.verified, row.currency) },
            ]}
          />
        )}
        <div className={css['pager']}>
          <Pager
            page={page}
            limit={PAGE}
            total={list.data?.pagination.total ?? 0}
            onPage={(to) => set({ page: String(to) })}
          />
        </div>
      </Card>
    </section>
  );
}
