import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { useAddress } from '../ui/address';
import { Select } from '../ui/field';
import { NONE, count, decimal, money, percent } from '../ui/format';
import { Card, PageHead, Tiles } from '../ui/page';
import { Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Choice } from '../ui/tabs';
import ui from '../ui/ui.module.css';
import { CouldBeSaved } from './could-be-saved';
import css from './savings.module.css';
import { groupText } from './group';
import type { By } from './group';
import { Stops } from './stops';
import type { Status } from './stops';

/** What stops have saved, in three numbers that are not the same, and the stops behind each. */
export default function SavingsScreen() {
  const [address, set] = useAddress({ days: '90', by: 'month', status: '', of: '', page: '1' });
  const days = Number(address.days) || 90;
  const by = (['month', 'policy', 'team', 'instance'] as const).find((one) => one === address.by) ?? 'month';
  const query = { days, group_by: by };
  const summary = useLoad(
    ['/api/savings/summary', query],
    () => api.GET('/api/savings/summary', { params: { query } }),
    { refetchInterval: 60_000 },
  );
  const all = summary.data?.data;
  const behind = (group: string) =>
    `/savings?${new URLSearchParams({
      ...(address.days !== '90' && { days: address.days }),
      ...(by !== 'month' && { by }),
      ...(group !== address.of && { of: group }),
    })}#stops`;
  return (
    <>
      <PageHead title="Savings" simulated={all?.simulated ?? false}>
        <Select
          label="Period"
          value={address.days}
          options={[
            ['30', 'Last 30 days'],
            ['90', 'Last 90 days'],
            ['365', 'Last year'],
          ]}
          onChange={(to) => set({ days: to, of: null, page: null })}
        />
      </PageHead>
      {summary.isPending && <Loading lines={3} />}
      {summary.isError && <Failed error={summary.error} retry={() => void summary.refetch()} />}
      {all && <Numbers of={all} days={days} status={address.status} />}
      {all && all.groups.length > 0 && (
        <Card
          title="Where it comes from"
          actions={
            <Choice<By>
              label="Grouped by"
              value={by}
              options={[
                ['month', 'Month'],
                ['policy', 'Policy'],
                ['team', 'Team'],
                ['instance', 'Instance'],
              ]}
              onChange={(to) => set({ by: to })}
            />
          }
        >
          <Groups of={all} by={by} chosen={address.of} to={behind} />
        </Card>
      )}
      {all && (
        <Stops
          window={all}
          status={address.status as Status}
          of={address.of}
          page={Number(address.page) || 1}
          set={set}
        />
      )}
      <CouldBeSaved />
    </>
  );
}

interface NumbersProps {
  readonly of: Schemas['SavingsSummary'];
  readonly days: number;
  readonly status: string;
}

function Numbers({ of, days, status }: NumbersProps) {
  const { total, currency } = of;
  const to = (wanted: string) =>
    `/savings?${new URLSearchParams({ days: String(days), ...(wanted && { status: wanted }) })}`;
  const caveats = [
    of.unpriced_stops > 0 && `${count(of.unpriced_stops)} stops of machines without a price are in none of these.`,
    ...of.unconverted.map(
      (one) => `${money(one.observed, one.currency)} observed has no rate into ${currency} and is in none of these.`,
    ),
  ].filter(Boolean);
  return (
    <>
      <Tiles
        items={[
          {
            label: 'Estimated',
            value: money(total.estimated, currency),
            note: 'Promised when the machines were stopped: price × expected time off',
            to: to(''),
            current: status === '',
          },
          {
            label: 'Observed',
            value: money(total.observed, currency),
            note: `Price × ${count(total.off_hours)} h really off, by the states that were seen`,
            to: to('observed'),
            current: status === 'observed',
          },
          {
            label: 'Verified',
            value: money(total.verified, currency),
            note:
              total.verified === null
                ? 'No bill tells of these days yet'
                : 'What the bills that have come confirm of it',
            tone: total.verified === null ? 'plain' : 'good',
            to: to('verified'),
            current: status === 'verified',
          },
          {
            label: 'Realisation',
            value: total.realisation_ratio === null ? NONE : percent(total.realisation_ratio * 100),
            note: 'Came true of what was promised, of stops that are over',
          },
          { label: 'Stops', value: count(total.stops), note: `${count(of.groups.length)} groups below` },
        ]}
      />
      {caveats.length > 0 && <p className={ui['hint']}>{caveats.join(' ')}</p>}
    </>
  );
}

interface GroupsProps {
  readonly of: Schemas['SavingsSummary'];
  readonly by: By;
  /** The group whose stops are listed, as `groupText` spells it. */
  readonly chosen: string;
  readonly to: (group: string) => string;
}

function Groups({ of, by, chosen, to }: GroupsProps) {
  const policies = useLoad(
    ['/api/enforcement-policies', 'names'],
    () => api.GET('/api/enforcement-policies', { params: { query: { limit: 200 } } }),
    { enabled: by === 'policy' },
  );
  const nameOf = (key: string | null) => {
    if (key === null) return by === 'policy' ? 'By a person or a key' : `Without a ${by}`;
    if (by !== 'policy') return key;
    return policies.data?.data.find(({ id }) => String(id) === key)?.policy_name ?? `Policy ${key}`;
  };
  const most = Math.max(0, ...of.groups.map((group) => Math.max(group.observed, group.estimated)));
  const width = (value: number | null) => `${most === 0 ? 0 : (Math.max(0, value ?? 0) / most) * 100}%`;
  return (
    <Table
      label="Savings by group"
      rows={of.groups}
      keyOf={(row) => row.key ?? ''}
      current={of.groups.find(({ key }) => chosen === groupText(by, key))?.key ?? undefined}
      columns={[
        {
          title: by[0]!.toUpperCase() + by.slice(1),
          cell: (row) => (
            <span className={css['two']}>
              <Link
                href={to(groupText(by, row.key))}
                className="name"
                aria-current={chosen === groupText(by, row.key) || undefined}
              >
                {nameOf(row.key)}
              </Link>
              {by === 'policy' && row.key !== null && (
                <Link href={`/policies/${row.key}`} className={ui['hint']}>
                  the policy
                </Link>
              )}
            </span>
          ),
        },
        {
          title: 'Estimated (line), observed, verified',
          cell: (row) => (
            <span className={css['bars']} aria-hidden>
              <span className={css['observed']} style={{ width: width(row.observed) }} />
              <span className={css['verified']} style={{ width: width(row.verified) }} />
              <span className={css['estimated']} style={{ left: width(row.estimated) }} />
            </span>
          ),
        },
        { title: 'Stops', number: true, cell: (row) => count(row.stops) },
        { title: 'Hours off', number: true, cell: (row) => decimal(row.off_hours) },
        { title: 'Estimated', number: true, cell: (row) => money(row.estimated, of.currency) },
        { title: 'Observed', number: true, cell: (row) => money(row.observed, of.currency) },
        { title: 'Verified', number: true, cell: (row) => money(row.verified, of.currency) },
        {
          title: 'Realised',
          number: true,
          cell: (row) => (row.realisation_ratio === null ? NONE : percent(row.realisation_ratio * 100)),
        },
      ]}
    />
  );
}
