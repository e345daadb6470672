import { useState } from 'react';
import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { useAddress } from '../ui/address';
import { Badge, Simulated } from '../ui/badge';
import { Button, LinkButton } from '../ui/button';
import { ConfirmTyped } from '../ui/confirm';
import { Select } from '../ui/field';
import { NONE, count, decimal, duration } from '../ui/format';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { ShowCurl } from '../ui/show-curl';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import { Time } from '../ui/time';
import ui from '../ui/ui.module.css';
import { TokensCard } from './tokens-card';

type Agent = Schemas['Agent'];
const PAGE = 50;
const SHOWN = [
  ['', 'Any state'],
  ['connected', 'Connected'],
  ['away', 'Not connected'],
  ['revoked', 'Revoked'],
] as const;
/** A clock that is wrong by more makes minutes fall into the wrong place. */
const SKEW_MS = 2_000;

/** The agents on the hosts: who reports, how far behind, what is wrong with them; and the tokens by which hosts enrol. */
export function AgentsTab() {
  const [address, setAddress] = useAddress({ page: '1', shown: '', search: '' });
  const [revoked, setRevoked] = useState<Agent>();
  const isAdmin = useMay('admin');
  const page = Number(address.page) || 1;
  const query = {
    page,
    limit: PAGE,
    ...(address.search && { search: address.search }),
    ...(address.shown === 'connected' && { connected: true }),
    ...(address.shown === 'away' && { connected: false, status: 'enrolled' as const }),
    ...(address.shown === 'revoked' && { status: 'revoked' as const }),
  };
  const agents = useLoad(['/api/agents', query], () => api.GET('/api/agents', { params: { query } }), {
    placeholderData: (before) => before,
    refetchInterval: 15_000,
  });
  const revoke = useSend((id: string) => api.DELETE('/api/agents/{id}', { params: { path: { id } } }), ['/api/agents']);
  const summary = agents.data?.summary;
  return (
    <>
      <Card
        title="Agents"
        hint={summary && `${count(summary.connected)} connected, ${count(summary.disconnected)} not`}
        actions={
          <>
            <input
              className={ui['input']}
              style={{ width: 180 }}
              type="search"
              aria-label="Host"
              placeholder="Host"
              value={address.search}
              onChange={(event) => setAddress({ search: event.target.value, page: null })}
            />
            <Select
              label="State"
              value={address.shown}
              options={SHOWN}
              onChange={(shown) => setAddress({ shown, page: null })}
            />
            {isAdmin && <LinkButton to="/agents/new">Add a host</LinkButton>}
          </>
        }
      >
        {agents.isPending && <Loading lines={8} />}
        {agents.isError && <Failed error={agents.error} retry={() => void agents.refetch()} />}
        {agents.isSuccess && agents.data.data.length === 0 && (
          <Empty title="No agent here">
            <p>An agent appears when a host has enrolled with a token.</p>
          </Empty>
        )}
        {agents.isSuccess && agents.data.data.length > 0 && (
          <Table
            label="Agents"
            rows={agents.data.data}
            keyOf={(agent) => agent.id}
            columns={isAdmin ? [...COLUMNS, doColumn(setRevoked)] : COLUMNS}
          />
        )}
        <Pager
          {...{ page, limit: PAGE }}
          total={agents.data?.pagination.total ?? 0}
          onPage={(to) => setAddress({ page: String(to) })}
        />
      </Card>
      {isAdmin && <TokensCard />}
      {revoked && (
        <ConfirmTyped
          open
          onOpenChange={(open) => !open && setRevoked(undefined)}
          title={`Revoke the agent on ${revoked.hostname}?`}
          word={revoked.hostname}
          action="Revoke this agent"
          danger
          busy={revoke.isPending}
          error={revoke.error ?? undefined}
          onConfirm={() => revoke.mutate(revoked.id, { onSuccess: () => setRevoked(undefined) })}
          aside={<ShowCurl method="DELETE" path={`/api/agents/${revoked.id}`} />}
        >
          <p>
            Its certificate is refused from now on: it reports nothing more and carries nothing out. The host comes back
            only with a new token.
          </p>
        </ConfirmTyped>
      )}
    </>
  );
}

const COLUMNS: readonly Column<Agent>[] = [
  {
    title: 'Host',
    cell: (agent) => (
      <>
        <bdi className="name">{agent.hostname}</bdi> {agent.simulated && <Simulated />}
        <div className={ui['hint']}>
          <bdi>{agent.version ?? NONE}</bdi> · <bdi>{agent.os ?? NONE}</bdi> <bdi>{agent.arch}</bdi>
        </div>
      </>
    ),
  },
  {
    title: 'State',
    cell: (agent) => {
      if (agent.status === 'revoked') return <Badge>revoked</Badge>;
      return agent.connected ? <Badge tone="good">connected</Badge> : <Badge tone="warn">not connected</Badge>;
    },
  },
  { title: 'Seen', tight: true, cell: (agent) => <Time at={agent.last_seen_at} relative /> },
  { title: 'Behind', number: true, cell: (agent) => duration(agent.lag_seconds) },
  { title: 'Buffered', number: true, cell: (agent) => count(agent.buffered_entries) },
  {
    title: 'Clock',
    number: true,
    cell: ({ clock_skew_ms: skew }) => {
      if (skew === null) return NONE;
      const text = `${skew > 0 ? '+' : ''}${decimal(skew / 1000)} s`;
      return Math.abs(skew) > SKEW_MS ? <Badge tone="warn">{text}</Badge> : text;
    },
  },
  {
    title: 'What is wrong',
    cell: (agent) => {
      const faults = [
        agent.clone_suspected_at !== null && 'another host uses its identity',
        agent.spool_in_memory_only && 'its disk cannot be written: what it buffers is lost with a restart',
        agent.dropped_entries > 0 && `${count(agent.dropped_entries)} readings were dropped`,
        agent.rejected_entries > 0 && `${count(agent.rejected_entries)} readings were refused`,
        agent.last_error,
      ].filter((fault) => fault !== false && fault !== null);
      return faults.length === 0 ? NONE : <span className="name">{faults.join('; ')}</span>;
    },
  },
];

const doColumn = (revoke: (agent: Agent) => void): Column<Agent> => ({
  title: 'What to do',
  quiet: true,
  tight: true,
  cell: (agent) =>
    agent.status !== 'revoked' && (
      <Button look="quiet" onClick={() => revoke(agent)} aria-label={`Revoke the agent on ${agent.hostname}`}>
        Revoke …
      </Button>
    ),
});
