import { Plus, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { useConditionMetrics } from '../conditions/metrics';
import { api, useLoad } from '../data/api';
import { useMay } from '../data/role';
import { useTenant } from '../data/tenant';
import { useAddress } from '../ui/address';
import { Badge } from '../ui/badge';
import { Button, LinkButton } from '../ui/button';
import { Select } from '../ui/field';
import { NONE, count, money } from '../ui/format';
import { Card, PageHead } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import { acts } from './draft';
import type { Policy } from './draft';
import css from './policies.module.css';
import { ProtectionDialog } from './protection-dialog';
import { policyWords } from './sentence';
import { ArmedBadge } from './workbench-head';

const PAGE = 50;
const MODES: Readonly<Record<Policy['execution_mode'], string>> = {
  approval_required: 'asks a person',
  automatic: 'acts by itself',
  notify_only: 'only tells',
};

/** Every policy: whether it is armed, who decides, when it triggered last, what it has saved. */
export default function PoliciesScreen() {
  const [address, setAddress] = useAddress({ state: 'all', mode: 'all', page: '1' });
  const may = useMay('admin');
  const [protecting, setProtecting] = useState(false);
  const currency = useTenant()?.currency ?? 'USD';
  const asked = {
    limit: PAGE,
    page: Number(address.page) || 1,
    ...(address.state !== 'all' && { enabled: address.state === 'armed' }),
    ...(address.mode !== 'all' && { execution_mode: address.mode as Policy['execution_mode'] }),
  };
  const list = useLoad(
    ['/api/enforcement-policies', asked],
    () => api.GET('/api/enforcement-policies', { params: { query: asked } }),
    { refetchInterval: 30_000, placeholderData: (before) => before },
  );
  const savings = useLoad(
    ['/api/savings', 'by policy'],
    () => api.GET('/api/savings/summary', { params: { query: { group_by: 'policy', days: 30 } } }),
    { staleTime: 60_000 },
  ).data?.data;
  const saved = new Map(savings?.groups.map((group) => [group.key, group.observed]));
  const rows = list.data?.data ?? [];
  const total = list.data?.pagination.total ?? 0;
  const unfiltered = address.state === 'all' && address.mode === 'all';
  return (
    <>
      <PageHead title="Policies" hint="They stop, start, tag and tell by themselves, within limits that you set">
        {may && (
          <>
            <Button onClick={() => setProtecting(true)}>
              <ShieldAlert size={15} aria-hidden /> Protection
            </Button>
            <LinkButton to="/policies/new" look="primary">
              <Plus size={15} aria-hidden /> New policy
            </LinkButton>
          </>
        )}
      </PageHead>
      {list.isPending && <Loading lines={8} />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && total === 0 && unfiltered && (
        <Card>
          <Empty title="No policy yet">
            <p>
              A policy watches the fleet every minute and does what you would do: stop what idles, hold a budget, tell
              about a hot GPU. Begin with a template, replay it over the days that are past, and arm it when you trust
              it.
            </p>
            {may && (
              <LinkButton to="/policies/new" look="primary">
                Choose a template
              </LinkButton>
            )}
          </Empty>
        </Card>
      )}
      {list.isSuccess && !(total === 0 && unfiltered) && (
        <>
          <div className={css['row']}>
            <Select
              label="State"
              value={address.state}
              options={[
                ['all', 'Armed and paused'],
                ['armed', 'Armed'],
                ['paused', 'Paused'],
              ]}
              onChange={(state) => setAddress({ state, page: '1' })}
            />
            <Select
              label="Who decides"
              value={address.mode}
              options={[
                ['all', 'Whoever decides'],
                ['approval_required', 'Asks a person'],
                ['automatic', 'Acts by itself'],
                ['notify_only', 'Only tells'],
              ]}
              onChange={(mode) => setAddress({ mode, page: '1' })}
            />
            <span className={ui['hint']}>
              {count(total)} {total === 1 ? 'policy' : 'policies'}
            </span>
          </div>
          <Card>
            {rows.length === 0 ? (
              <Empty title="No policy is like that" />
            ) : (
              <Table
                label="Policies"
                rows={rows}
                keyOf={(row) => row.id}
                columns={[
                  {
                    title: 'Policy',
                    cell: (row) => (
                      <span className={css['policyCell']}>
                        <Link href={`/policies/${row.id}`} className="name">
                          {row.policy_name}
                        </Link>
                        <span className={`${ui['hint']} name`}>
                          <Sentence policy={row} />
                        </span>
                      </span>
                    ),
                  },
                  { title: 'State', tight: true, cell: (row) => <ArmedBadge policy={row} /> },
                  {
                    title: 'Who decides',
                    tight: true,
                    cell: (row) =>
                      acts(row) ? (
                        <Badge tone={row.execution_mode === 'automatic' ? 'warn' : 'plain'}>
                          {MODES[row.execution_mode]}
                        </Badge>
                      ) : (
                        NONE
                      ),
                  },
                  { title: 'Last triggered', tight: true, cell: (row) => <Time at={row.last_triggered_at} relative /> },
                  {
                    title: 'Saved in 30 days',
                    number: true,
                    cell: (row) => money(saved.get(String(row.id)) ?? null, savings?.currency ?? currency),
                  },
                  { title: 'Version', number: true, cell: (row) => row.version },
                ]}
              />
            )}
          </Card>
          <Pager page={asked.page} limit={PAGE} total={total} onPage={(page) => setAddress({ page: String(page) })} />
        </>
      )}
      <ProtectionDialog open={protecting} onOpenChange={setProtecting} />
    </>
  );
}

/** What it does, in one line; in units, which the API's own summary leaves out. */
function Sentence({ policy }: { readonly policy: Policy }) {
  const metrics = useConditionMetrics();
  const currency = useTenant()?.currency ?? '';
  const { when, then } = policyWords(policy, metrics, currency);
  return (
    <>
      {told(when)}: {told(then)}.
    </>
  );
}
