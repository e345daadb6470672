import { useParams } from 'wouter';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { useAddress } from '../ui/address';
import { Failed, Loading } from '../ui/states';
import { TabLinks } from '../ui/tabs';
import { InstanceActions } from './instance-actions';
import { InstanceAlerts } from './instance-alerts';
import { InstanceCharts } from './instance-charts';
import { InstanceCost } from './instance-cost';
import { InstanceFacts } from './instance-facts';
import { InstanceHead } from './instance-head';
import { InstanceHealth } from './instance-health';
import { InstanceProcesses } from './instance-processes';
import css from './instance.module.css';

export type Details = Schemas['InstanceDetails'];

const TABS = [
  ['charts', 'Charts'],
  ['health', 'GPUs and health'],
  ['processes', 'Processes'],
  ['cost', 'Cost'],
  ['actions', 'Actions'],
  ['facts', 'Facts'],
] as const;
type Tab = (typeof TABS)[number][0];

/** One machine: what it does now and did before, what it costs, what was done to it. */
export default function InstanceScreen() {
  const { id = '' } = useParams();
  const [{ tab }] = useAddress({ tab: 'charts' });
  const one = useLoad(
    ['/api/instances/', id],
    () =>
      api.GET('/api/instances/{instanceId}', { params: { path: { instanceId: id }, query: { id_type: 'numeric' } } }),
    { refetchInterval: 10_000 },
  );
  if (one.isPending) return <Loading lines={10} />;
  if (one.isError) return <Failed error={one.error} retry={() => void one.refetch()} />;
  const instance = one.data.data;
  const current = TABS.some(([key]) => key === tab) ? (tab as Tab) : 'charts';
  const sick = instance.gpus.filter(({ health }) => health === 'unhealthy' || health === 'degraded').length;
  const counts: Partial<Record<Tab, number>> = {
    ...(sick > 0 && { health: sick }),
    ...(instance.actions.length > 0 && { actions: instance.actions.length }),
  };
  return (
    <div className={css['screen']}>
      <InstanceHead key={instance.id} instance={instance} />
      <InstanceAlerts alerts={instance.alerts} id={instance.id} />
      <TabLinks
        label="Parts of this instance"
        tabs={TABS.map(([key, title]) => ({
          to: `/instances/${id}${key === 'charts' ? '' : `?tab=${key}`}`,
          title,
          count: counts[key],
          current: key === current,
        }))}
      />
      <Part tab={current} instance={instance} />
    </div>
  );
}

function Part({ tab, instance }: { readonly tab: Tab; readonly instance: Details }) {
  if (tab === 'health') return <InstanceHealth instance={instance} />;
  if (tab === 'processes') return <InstanceProcesses instance={instance} />;
  if (tab === 'cost') return <InstanceCost instance={instance} />;
  if (tab === 'actions') return <InstanceActions instance={instance} />;
  if (tab === 'facts') return <InstanceFacts instance={instance} />;
  return <InstanceCharts instance={instance} />;
}
