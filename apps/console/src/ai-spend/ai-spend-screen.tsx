import { X } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { queryText, withParams } from '../costs/address';
import css from '../costs/costs.module.css';
import { ExportMenu } from '../costs/export-menu';
import { WindowPicker } from '../costs/window-picker';
import { api, useLoad } from '../data/api';
import { PageHead } from '../ui/page';
import { Loading } from '../ui/states';
import { TabLinks } from '../ui/tabs';
import { AiOverview } from './overview';
import { AI_FILTERS, useAi } from './use-ai';
import type { Ai } from './use-ai';

const UnitEconomics = lazy(() => import('./unit-economics'));
const Drift = lazy(() => import('./drift'));
const Prices = lazy(() => import('./prices'));
const Usage = lazy(() => import('./usage'));

const TABS = [
  ['overview', 'Overview'],
  ['usage', 'Usage'],
  ['unit-economics', 'Unit economics'],
  ['drift', 'Drift'],
  ['prices', 'Prices'],
] as const;
type Tab = (typeof TABS)[number][0];

/** What models cost, by whom, by the token and by the run; and whether own GPUs would be cheaper. */
export default function AiSpendScreen() {
  const ai = useAi();
  const { query } = ai;
  const tab: Tab = TABS.find(([name]) => name === ai.search.get('tab'))?.[0] ?? 'overview';
  const summary = useLoad(
    ['/api/ai-spend', 'summary', query],
    () => api.GET('/api/ai-spend/summary', { params: { query } }),
    { placeholderData: (before) => before, staleTime: 60_000 },
  );
  return (
    <>
      <PageHead title="AI spend" simulated={summary.data?.data.simulated ?? false}>
        {tab !== 'prices' && (
          <>
            <WindowPicker {...ai} />
            <ExportMenu of="ai-spend" query={query} />
          </>
        )}
      </PageHead>
      <TabLinks
        label="Parts of AI spend"
        tabs={TABS.map(([name, title]) => ({
          title,
          current: name === tab,
          to: `/ai-spend${queryText(withParams(ai.search, { tab: name === 'overview' ? null : name, cursor: null }))}`,
        }))}
      />
      {tab !== 'prices' && <Chips ai={ai} />}
      <Suspense fallback={<Loading lines={10} />}>
        <div className={css['part']}>
          {tab === 'overview' && <AiOverview ai={ai} summary={summary} />}
          {tab === 'usage' && <Usage ai={ai} />}
          {tab === 'unit-economics' && <UnitEconomics ai={ai} />}
          {tab === 'drift' && <Drift ai={ai} />}
          {tab === 'prices' && <Prices />}
        </div>
      </Suspense>
    </>
  );
}

/** What the numbers are limited to; filters are set by the names in the tables. */
function Chips({ ai }: { readonly ai: Ai }) {
  const chips = AI_FILTERS.flatMap(([name, words]) => {
    const value = ai.filters[name];
    return value === undefined ? [] : [{ name, words, value }];
  });
  if (chips.length === 0) return null;
  return (
    <div className={css['filters']} role="group" aria-label="Filters">
      {chips.map(({ name, words, value }) => (
        <span key={name} className={css['chip']}>
          <span className={css['soft']}>{words}</span>
          <bdi title={value}>{value}</bdi>
          <button
            type="button"
            aria-label={`Take away ${words}: ${value}`}
            onClick={() => ai.set({ [name]: null, cursor: null })}
          >
            <X size={13} aria-hidden />
          </button>
        </span>
      ))}
    </div>
  );
}
