import { Download } from 'lucide-react';
import { api, useLoad } from '../data/api';
import { exportForm } from '../exports/kinds';
import { useAddress } from '../ui/address';
import { Badge } from '../ui/badge';
import { Button, LinkButton } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { Select } from '../ui/field';
import { count, duration } from '../ui/format';
import { Card, PageHead } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import { ActionDetail } from './action-detail';
import { ActionBadge, STATES, deedOf } from './action-words';
import type { Action, ActionState } from './action-words';
import css from './actions.module.css';
import { PendingApprovals } from './pending-approvals';

const PAGE = 50;
const GROUPS: Readonly<Record<string, readonly ActionState[]>> = {
  open: ['pending_approval', 'queued', 'dispatched', 'running', 'unknown'],
  trouble: ['failed', 'refused', 'expired', 'unknown'],
};

/** What waits for a person, and everything that was started and stopped. */
export default function ActionsScreen() {
  const [address, setAddress] = useAddress({
    state: 'all',
    type: 'all',
    instance: '',
    dry: 'all',
    page: '1',
    show: '',
  });
  const states = GROUPS[address.state] ?? (address.state in STATES ? [address.state as ActionState] : undefined);
  const instance = Number(address.instance);
  const asked = {
    limit: PAGE,
    page: Number(address.page) || 1,
    ...(states && { status: [...states] }),
    ...(address.type !== 'all' && { type: address.type as Action['type'] }),
    ...(instance > 0 && { instance_id: instance }),
    ...(address.dry !== 'all' && { dry_run: address.dry === 'only' }),
  };
  const list = useLoad(['/api/actions', 'list', asked], () => api.GET('/api/actions', { params: { query: asked } }), {
    placeholderData: (before) => before,
    refetchInterval: 30_000,
  });
  const rows = list.data?.data ?? [];
  const total = list.data?.pagination.total ?? 0;
  const filtered = address.state !== 'all' || address.type !== 'all' || address.dry !== 'all' || instance > 0;
  const shown = rows.find(({ id }) => id === address.show);
  return (
    <>
      <PageHead title="Actions" simulated={rows.some((row) => row.instance.simulated)}>
        <LinkButton to={exportForm('actions', asked)}>
          <Download size={15} aria-hidden /> Export
        </LinkButton>
      </PageHead>
      <PendingApprovals />
      <div className={css['filters']}>
        <Select
          label="State"
          value={address.state}
          options={[
            ['all', 'In any state'],
            ['open', 'Not over yet'],
            ['trouble', 'Went wrong'],
            ...Object.entries(STATES).map(([state, { words }]) => [state, words] as const),
          ]}
          onChange={(state) => setAddress({ state, page: '1' })}
        />
        <Select
          label="Type"
          value={address.type}
          options={[
            ['all', 'Starts and stops'],
            ['stop', 'Stops'],
            ['start', 'Starts'],
          ]}
          onChange={(type) => setAddress({ type, page: '1' })}
        />
        <Select
          label="Dry runs"
          value={address.dry}
          options={[
            ['all', 'With dry runs'],
            ['without', 'Without dry runs'],
            ['only', 'Only dry runs'],
          ]}
          onChange={(dry) => setAddress({ dry, page: '1' })}
        />
        {instance > 0 && (
          <Button onClick={() => setAddress({ instance: '', page: '1' })}>Of one instance only: show all</Button>
        )}
        {list.isSuccess && (
          <span className={ui['hint']}>
            {count(total)} {total === 1 ? 'action' : 'actions'}
          </span>
        )}
      </div>
      <Card>
        {list.isPending && <Loading lines={8} />}
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && rows.length === 0 && (
          <Empty title={filtered ? 'No action is like that' : 'Nothing was started or stopped yet'}>
            {!filtered && <p>Stop an instance from the fleet, or let a policy ask for it: each step stands here.</p>}
          </Empty>
        )}
        {rows.length > 0 && (
          <Table
            label="Actions"
            rows={rows}
            keyOf={(row) => row.id}
            current={address.show}
            columns={[
              {
                title: 'Action',
                cell: (row) => (
                  <span className={css['actionCell']}>
                    <button
                      type="button"
                      className={`${css['open']} name`}
                      onClick={() => setAddress({ show: row.id }, { push: true })}
                    >
                      {deedOf(row)}
                    </button>
                    <span className={`${ui['hint']} name`}>{told(row.message ?? row.reason ?? '')}</span>
                  </span>
                ),
              },
              {
                title: 'State',
                tight: true,
                cell: (row) => (
                  <>
                    <ActionBadge state={row.status} /> {row.dry_run && <Badge>dry run</Badge>}
                  </>
                ),
              },
              { title: 'Asked by', cell: (row) => <bdi className={css['who']}>{told(row.requester.label)}</bdi> },
              { title: 'Asked', tight: true, cell: (row) => <Time at={row.requested_at} /> },
              { title: 'Took', number: true, cell: tookOf },
              { title: 'Agent', cell: (row) => <bdi className={css['who']}>{row.controller.host}</bdi> },
            ]}
          />
        )}
      </Card>
      <Pager page={asked.page} limit={PAGE} total={total} onPage={(page) => setAddress({ page: String(page) })} />
      <Sheet
        open={address.show !== ''}
        onOpenChange={(open) => !open && setAddress({ show: '' })}
        title={shown ? deedOf(shown) : 'Action'}
      >
        {address.show !== '' && <ActionDetail id={address.show} titled={false} />}
      </Sheet>
    </>
  );
}

/** From the request to the result. */
const tookOf = (row: Action) =>
  duration(row.finished_at ? (Date.parse(row.finished_at) - Date.parse(row.requested_at)) / 1000 : null);
