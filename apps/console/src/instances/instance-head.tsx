import { CalendarClock, Plug, ShieldCheck, Unplug } from 'lucide-react';
import { useMay } from '../data/role';
import { useAddress } from '../ui/address';
import { Badge, StateBadge } from '../ui/badge';
import { Button } from '../ui/button';
import { celsius, money, percent, watts } from '../ui/format';
import { PageHead, Tiles } from '../ui/page';
import { Time } from '../ui/time';
import css from './instance.module.css';
import { InstancePower } from './instance-power';
import type { Details } from './instance-screen';

/** What it is, how it is, and the two things that one can do to it. */
export function InstanceHead({ instance }: { readonly instance: Details }) {
  const [{ do: wish }, setAddress] = useAddress({ do: '' });
  const can = useMay('operator') ? powerOf(instance) : null;
  // what the address wishes and what can be done may differ: it was stopped meanwhile
  const asked = wish === can ? can : null;
  const ask = (kind: 'start' | 'stop' | null) => setAddress({ do: kind }, { push: kind !== null });
  const { latest, agent } = instance;
  const name = instance.name ?? instance.instance_id;
  return (
    <>
      <PageHead title={<bdi>{name}</bdi>} simulated={instance.simulated} hint={<StateBadge state={instance.state} />}>
        {can && (
          <Button look={can === 'stop' ? 'danger' : 'primary'} onClick={() => ask(can)}>
            {can === 'stop' ? 'Stop …' : 'Start …'}
          </Button>
        )}
      </PageHead>
      <div className={css['facts']}>
        {name !== instance.instance_id && <code className="name">{instance.instance_id}</code>}
        <Words of={[instance.cloud_provider, instance.region, instance.placement.zone]} />
        <Words of={[instance.instance_type]} />
        <Words of={[instance.gpu_count === null ? null : `${instance.gpu_count} ×`, instance.gpu_type]} joint=" " />
        <span className={css['agent']}>
          {agent?.connected ? <Plug size={14} aria-hidden /> : <Unplug size={14} aria-hidden />}
          {agent === null ? (
            'no agent'
          ) : (
            <>
              agent <bdi>{agent.version}</bdi> {agent.connected ? 'connected' : 'away'}
              {!agent.connected && agent.last_seen_at && (
                <>
                  , seen <Time at={agent.last_seen_at} relative />
                </>
              )}
            </>
          )}
        </span>
        {instance.placement.lifecycle && <Badge>{instance.placement.lifecycle.replaceAll('_', ' ')}</Badge>}
        {instance.protected && (
          <Badge tone="accent" icon={ShieldCheck}>
            protected: no action may stop or start it
          </Badge>
        )}
        {instance.maintenance_window && (
          <Badge tone="accent" icon={CalendarClock}>
            maintenance “<bdi>{instance.maintenance_window.name}</bdi>” until{' '}
            <Time at={instance.maintenance_window.ends_at} />
          </Badge>
        )}
        {Object.entries(instance.tags).map(([key, value]) => (
          <span key={key} className={css['tag']} title={`${key}: ${value}`}>
            <bdi>{key}</bdi> <b className="name">{value}</b>
          </span>
        ))}
      </div>
      <Tiles
        items={[
          { label: 'Utilisation', value: percent(latest?.gpu_utilization), note: 'mean of its GPUs' },
          { label: 'GPU memory', value: percent(latest?.memory_utilization), note: 'in use, mean' },
          { label: 'Hottest GPU', value: celsius(latest?.temperature), note: 'the highest now' },
          { label: 'Power', value: watts(latest?.power_draw), note: 'its GPUs together' },
          {
            label: 'Price of an hour',
            value: money(instance.hourly_cost, instance.currency),
            note: PRICE_BY[instance.hourly_cost_source ?? ''] ?? 'nobody says what it costs',
          },
          {
            label: 'Newest values',
            value: <Time at={latest?.timestamp} relative />,
            note: latest ? 'when they were read' : 'nothing was reported yet',
          },
        ]}
      />
      {asked && (
        <InstancePower
          key={asked}
          instance={instance}
          kind={asked}
          open
          onOpenChange={(open) => {
            if (!open) ask(null);
          }}
        />
      )}
    </>
  );
}

const PRICE_BY: Readonly<Record<string, string>> = {
  user: 'a person set it',
  bill: 'by the bill',
  own_price: 'by your own price',
  cloud: 'by the cloud',
  agent: 'by its agent',
  price_table: 'list price of the table',
};

/** What can be asked of it now. A protected machine is asked too: the answer says why not. */
function powerOf({ state, agent }: Details): 'start' | 'stop' | null {
  if (state === 'stopped') return 'start';
  if (state === 'running' || (state === 'unknown' && agent)) return 'stop';
  return null;
}

function Words({
  of,
  joint = ' · ',
}: {
  readonly of: readonly (string | null | undefined)[];
  readonly joint?: string;
}) {
  const said = of.filter((word): word is string => typeof word === 'string' && word !== '');
  return said.length === 0 ? null : <bdi>{said.join(joint)}</bdi>;
}
