import { Link } from 'wouter';
import { readEvidence, withUnit } from '../alerts/evidence';
import { chartOf } from '../alerts/chart-link';
import { api, useLoad } from '../data/api';
import { useAddress } from '../ui/address';
import { Badge } from '../ui/badge';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time } from '../ui/time';

const PAGE = 20;

/** When it fired, on what, with which numbers, and who was told. */
export function RuleHistory({ id }: { readonly id: number }) {
  const [address, set] = useAddress({ page: '1' });
  const page = Math.max(1, Number(address.page) || 1);
  const history = useLoad(
    [`/api/alert-rules/${id}/history`, page],
    () => api.GET('/api/alert-rules/{id}/history', { params: { path: { id }, query: { limit: PAGE, page } } }),
    { placeholderData: (before) => before, refetchInterval: 60_000 },
  );
  const rows = history.data?.data ?? [];
  return (
    <>
      <Card title="When it fired">
        {history.isPending && <Loading lines={4} />}
        {history.isError && <Failed error={history.error} retry={() => void history.refetch()} />}
        {history.isSuccess && rows.length === 0 && (
          <Empty title="It has not fired yet">
            <p>Each minute it looks at the newest data. What fires stands here and in the inbox.</p>
          </Empty>
        )}
        {rows.length > 0 && (
          <Table
            label="When it fired"
            rows={rows}
            keyOf={(row) => row.id}
            columns={[
              { title: 'When', tight: true, cell: (row) => <Time at={row.triggered_at} /> },
              {
                title: 'On',
                cell: (row) => (
                  <Link href={`/alerts?view=all&alert=${row.alert_id}`} className="name">
                    {row.instance?.name ?? row.subject}
                  </Link>
                ),
              },
              {
                title: 'Value',
                number: true,
                cell: (row) => {
                  const { compared } = readEvidence(row.evidence);
                  return compared ? withUnit(compared.value, compared.unit) : '–';
                },
              },
              {
                title: 'Now',
                cell: (row) => <Badge tone={row.status === 'active' ? 'bad' : 'plain'}>{row.status}</Badge>,
              },
              { title: 'Over', tight: true, cell: (row) => <Time at={row.ended_at} /> },
              {
                title: 'Who was told',
                cell: (row) => (
                  <span className="name">
                    {row.actions_taken.length === 0
                      ? 'nobody'
                      : [...new Set(row.actions_taken.map((one) => one.channel_name))].join(', ')}
                  </span>
                ),
              },
              {
                title: 'Chart',
                quiet: true,
                cell: (row) => {
                  const times = { first_fired_at: row.triggered_at, last_fired_at: row.triggered_at };
                  const to = chartOf({ instance: row.instance, ...times, ended_at: row.ended_at });
                  return to && <Link href={to}>Chart</Link>;
                },
              },
            ]}
          />
        )}
      </Card>
      <Pager
        page={page}
        limit={PAGE}
        total={history.data?.pagination.total ?? 0}
        onPage={(to) => set({ page: String(to) })}
      />
    </>
  );
}
