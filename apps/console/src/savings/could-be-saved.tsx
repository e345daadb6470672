import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import { useMay } from '../data/role';
import { LinkButton } from '../ui/button';
import { count, decimal, duration, money, percent } from '../ui/format';
import { Card } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';

/** Instances that are idle now, and the way to a policy that stops them. */
export function CouldBeSaved() {
  const mayWrite = useMay('admin');
  const query = { limit: 10 };
  const list = useLoad(
    ['/api/instances/status/idle', query],
    () => api.GET('/api/instances/status/idle', { params: { query } }),
    { refetchInterval: 60_000 },
  );
  const rows = list.data?.data ?? [];
  return (
    <Card
      title="What could be saved"
      hint={
        list.data &&
        `${count(list.data.pagination.total)} instances idle: all GPUs below ${decimal(list.data.summary.below_percent)} % for ${count(list.data.summary.for_minutes)} minutes`
      }
      actions={mayWrite && <LinkButton to="/policies/new">Make a policy</LinkButton>}
    >
      {list.isPending && <Loading lines={4} />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && <Empty title="Nothing is idle now" />}
      {rows.length > 0 && (
        <Table
          label="Idle instances"
          rows={rows}
          keyOf={(row) => row.instance.id}
          columns={[
            {
              title: 'Instance',
              cell: ({ instance }) => (
                <Link href={`/instances/${instance.id}`} className="name">
                  {instance.name ?? instance.instance_id}
                </Link>
              ),
            },
            { title: 'GPUs', cell: ({ instance }) => `${instance.gpu_count} × ${instance.gpu_type ?? 'GPU'}` },
            { title: 'Idle for', number: true, cell: (row) => duration(row.idle_minutes * 60) },
            { title: 'Busiest GPU', number: true, cell: (row) => percent(row.evidence.gpu_utilization) },
            { title: 'Memory held', number: true, cell: (row) => percent(row.evidence.memory.utilization) },
            { title: 'Costs an hour', number: true, cell: (row) => money(row.hourly_cost, row.currency) },
            { title: 'Wasted so far', number: true, cell: (row) => money(row.wasted_cost, row.currency) },
          ]}
        />
      )}
    </Card>
  );
}
