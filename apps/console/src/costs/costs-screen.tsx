import { lazy, Suspense } from 'react';
import { api, useLoad } from '../data/api';
import { PageHead } from '../ui/page';
import { Select } from '../ui/field';
import { Loading } from '../ui/states';
import { TabLinks } from '../ui/tabs';
import { COST_TYPES, queryText, withParams } from './address';
import css from './costs.module.css';
import { ExportMenu } from './export-menu';
import { Filters } from './filters';
import { Overview } from './overview';
import { useCostAddress } from './use-costs';
import { WindowPicker } from './window-picker';

const Charges = lazy(() => import('./charges'));
const Showback = lazy(() => import('./showback'));
const GpuHours = lazy(() => import('./gpu-hours'));
const Bills = lazy(() => import('./bills'));
const Rules = lazy(() => import('./rules'));

const TABS = [
  ['overview', 'Overview'],
  ['charges', 'Charges'],
  ['showback', 'Showback'],
  ['gpu-hours', 'Useful GPU-hours'],
  ['bills', 'Bills'],
  ['rules', 'Rates and rules'],
] as const;
type Tab = (typeof TABS)[number][0];

/** Where the money goes, why it changed, and the rows behind every number. */
export default function CostsScreen() {
  const costs = useCostAddress();
  const tab: Tab = TABS.find(([name]) => name === costs.search.get('tab'))?.[0] ?? 'overview';
  const { query } = costs;
  const summary = useLoad(
    ['/api/costs', 'summary', query],
    () => api.GET('/api/costs/summary', { params: { query } }),
    { placeholderData: (before) => before, staleTime: 60_000 },
  );
  const isAboutCharges = tab !== 'rules';
  return (
    <>
      <PageHead title="Costs" simulated={summary.data?.data.simulated ?? false}>
        {isAboutCharges && (
          <>
            <WindowPicker {...costs} />
            <Select
              label="Kind of cost"
              value={costs.costType}
              options={COST_TYPES}
              onChange={(to) => costs.set({ cost_type: to === 'billed' ? null : to })}
            />
            <ExportMenu of="costs" query={query} />
          </>
        )}
      </PageHead>
      <TabLinks
        label="Parts of costs"
        tabs={TABS.map(([name, title]) => ({
          title,
          current: name === tab,
          to: `/costs${queryText(withParams(costs.search, { tab: name === 'overview' ? null : name, cursor: null }))}`,
        }))}
      />
      {isAboutCharges && tab !== 'bills' && <Filters {...costs} />}
      <Suspense fallback={<Loading lines={10} />}>
        <div className={css['part']}>
          {tab === 'overview' && <Overview costs={costs} summary={summary.data?.data} />}
          {tab === 'charges' && <Charges costs={costs} summary={summary.data?.data} />}
          {tab === 'showback' && <Showback costs={costs} />}
          {tab === 'gpu-hours' && <GpuHours costs={costs} />}
          {tab === 'bills' && <Bills costs={costs} />}
          {tab === 'rules' && <Rules />}
        </div>
      </Suspense>
    </>
  );
}
