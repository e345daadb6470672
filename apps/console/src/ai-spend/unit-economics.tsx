import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import aiCss from './ai.module.css';
import css from '../costs/costs.module.css';
import { Badge } from '../ui/badge';
import { NONE, count, money, percent, short } from '../ui/format';
import { Card, Tiles } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import ui from '../ui/ui.module.css';
import { BreakEvenCard } from './break-even-card';
import type { Ai } from './use-ai';

type Economics = Schemas['AiUnitEconomics'];
export type Model = Economics['models'][number];
type Run = Economics['training_runs'][number];

/** What a token, a request and a run cost, and at which load own GPUs are cheaper than an API. */
export default function UnitEconomics({ ai }: { readonly ai: Ai }) {
  const query = { ...ai.window, limit: 50 };
  const loaded = useLoad(
    ['/api/ai-spend', 'unit-economics', query],
    () => api.GET('/api/ai-spend/unit-economics', { params: { query } }),
    { placeholderData: (before) => before, staleTime: 60_000 },
  );
  if (loaded.isError) return <Failed error={loaded.error} retry={() => void loaded.refetch()} />;
  if (!loaded.data) return <Loading lines={12} />;
  const economics = loaded.data.data;
  const { models, currency, training_runs: runs } = economics;
  if (models.length === 0) {
    return (
      <Card>
        <Empty title="No model was used in these days">
          <p>Look at more days, or send usage: then each model has its cost by the token here.</p>
        </Empty>
      </Card>
    );
  }
  const own = models.filter((model) => model.own);
  const charged = models.filter((model) => !model.own);
  const cost = (of: readonly Model[]) =>
    of.some((model) => model.cost !== null) ? of.reduce((sum, model) => sum + (model.cost ?? 0), 0) : null;
  return (
    <>
      <Tiles
        items={[
          {
            label: 'Own GPUs that serve',
            value: money(cost(own), currency),
            note: `${count(own.length)} models, all of their cost`,
          },
          { label: 'APIs', value: money(cost(charged), currency), note: `${count(charged.length)} models, as charged` },
          {
            label: 'A useful GPU-hour',
            value: money(economics.cost_per_useful_gpu_hour, currency, 2),
            note: 'of all instances with GPUs',
          },
          {
            label: 'A training run',
            value: money(mean(runs), currency),
            note: `mean of ${count(runs.filter((run) => run.cost !== null).length)} runs`,
          },
        ]}
      />
      {own.some(({ api: apis }) => apis.length > 0) && <BreakEvenCard ai={ai} models={own} currency={currency} />}
      <Card title="By model" hint="a million tokens of each kind">
        <Table label="Unit costs by model" rows={models} keyOf={keyOf} columns={columnsOf(currency)} />
      </Card>
      {runs.length > 0 && (
        <Card title="Training runs" hint={`the newest ${count(runs.length)}`}>
          <Table label="Training runs" rows={runs} keyOf={({ run_id }) => run_id} columns={runColumns(currency)} />
        </Card>
      )}
      <Card title="What this rests on" padded>
        <ul className={aiCss['assumptions']}>
          {economics.assumptions.map((assumption) => (
            <li key={assumption}>{assumption}</li>
          ))}
          <li>
            A token of input weighs {economics.weights.input}, one from a cache {economics.weights.cached}, one of
            output {economics.weights.output}.
          </li>
        </ul>
      </Card>
    </>
  );
}

export const keyOf = ({ provider, model_name }: Model) => `${provider}/${model_name}`;

function mean(runs: readonly Run[]): number | null {
  const known = runs.flatMap(({ cost }) => (cost === null ? [] : [cost]));
  return known.length === 0 ? null : known.reduce((sum, cost) => sum + cost, 0) / known.length;
}

const columnsOf = (currency: string): readonly Column<Model>[] => [
  {
    title: 'Model',
    cell: ({ model_name, provider, own, instances }) => (
      <span className={css['what']}>
        <bdi className="name">{model_name}</bdi>
        <span className={ui['hint']}>{own ? `own GPUs, ${count(instances)} instances` : provider}</span>
      </span>
    ),
  },
  {
    title: 'Cost',
    number: true,
    cell: ({ cost, own }) =>
      cost === null ? <Badge tone="warn">{own ? 'not known' : 'unpriced'}</Badge> : money(cost, currency),
  },
  { title: 'Any token', number: true, cell: ({ cost_per_million_tokens: of }) => <b>{money(of.all, currency, 2)}</b> },
  { title: 'Input', number: true, cell: ({ cost_per_million_tokens: of }) => money(of.input, currency, 2) },
  { title: 'Cached', number: true, cell: ({ cost_per_million_tokens: of }) => money(of.cached, currency, 3) },
  { title: 'Output', number: true, cell: ({ cost_per_million_tokens: of }) => money(of.output, currency, 2) },
  { title: 'A request', number: true, cell: ({ cost_per_inference: cost }) => money(cost, currency, 5) },
  {
    title: 'If never idle',
    number: true,
    // what was never useful has no price that it would have if it always were
    cell: ({ used_cost_per_million_tokens: used, useful_share: share }) =>
      share ? money(used?.all, currency, 2) : NONE,
  },
  { title: 'Useful', number: true, cell: ({ useful_share: share }) => percent(share === null ? null : share * 100, 1) },
  {
    title: 'Tokens',
    number: true,
    cell: ({ tokens: { input, cached, output }, tokens_not_priced: left }) => (
      <span title={left > 0 ? `${short(left)} of them are in no cost` : undefined}>
        {short(input + cached + output)}
        {left > 0 && ' *'}
      </span>
    ),
  },
];

const runColumns = (currency: string): readonly Column<Run>[] => [
  { title: 'Run', cell: ({ run_id }) => <bdi className="name">{run_id}</bdi> },
  { title: 'Cost', number: true, cell: ({ cost }) => <b>{money(cost, currency)}</b> },
  { title: 'Charged', number: true, cell: ({ charged_cost: cost }) => money(cost, currency) },
  { title: 'Own instances', number: true, cell: ({ own_cost: cost }) => money(cost, currency) },
  { title: 'Instance-hours', number: true, cell: ({ instance_hours: hours }) => (hours === 0 ? NONE : count(hours)) },
];
