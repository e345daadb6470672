import { useState } from 'react';
import { api, useLoad } from '../data/api';
import css from '../costs/costs.module.css';
import { dayWords } from '../costs/cost-window';
import { Button } from '../ui/button';
import { NONE, count, money, signedMoney, signedPercent } from '../ui/format';
import { Card, Tiles } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import { driftByModel } from './drift-sums';
import type { ModelDrift } from './drift-sums';
import type { Ai } from './use-ai';

/** Tokens times prices, held against what the provider says it will bill. */
export default function Drift({ ai }: { readonly ai: Ai }) {
  const [open, setOpen] = useState<string>();
  const { start_date, end_date, provider, model_name, source } = ai.query;
  const query = {
    start_date,
    end_date,
    ...(provider && { provider }),
    ...(model_name && { model_name }),
    ...(source && { source }),
  };
  const loaded = useLoad(
    ['/api/ai-spend', 'drift', query],
    () => api.GET('/api/ai-spend/drift', { params: { query } }),
    {
      placeholderData: (before) => before,
      staleTime: 60_000,
    },
  );
  if (loaded.isError) return <Failed error={loaded.error} retry={() => void loaded.refetch()} />;
  if (!loaded.data) return <Loading lines={8} />;
  const drift = loaded.data.data;
  const { currency } = drift;
  const columns: readonly Column<ModelDrift>[] = [
    {
      title: 'Model',
      cell: ({ model_name: model, provider: by }) => (
        <span className={css['what']}>
          <bdi className="name">{model}</bdi>
          <span className={css['soft']}>{by}</span>
        </span>
      ),
    },
    { title: 'Days compared', number: true, cell: ({ compared, days }) => `${count(compared)} of ${count(days)}` },
    { title: 'Estimated', number: true, cell: ({ estimated }) => money(estimated, currency, 2) },
    { title: 'Billed', number: true, cell: ({ billed }) => money(billed, currency, 2) },
    {
      title: 'Drift',
      number: true,
      cell: ({ drift: off, percent: part }) =>
        off === null ? (
          NONE
        ) : (
          <>
            {signedMoney(off, currency, 2)} <span className={css['changeShare']}>{signedPercent(part, 2)}</span>
          </>
        ),
    },
    { title: 'Unpriced', number: true, cell: ({ unpriced }) => (unpriced === 0 ? NONE : count(unpriced)) },
    {
      title: 'Days',
      quiet: true,
      cell: ({ key, compared, model_name: model }) =>
        compared > 0 && (
          <Button
            look="quiet"
            aria-expanded={open === key}
            aria-label={`Days of ${model}`}
            onClick={() => setOpen(open === key ? undefined : key)}
          >
            Days
          </Button>
        ),
    },
  ];
  const days = drift.days.filter((day) => `${day.provider}/${day.model_name}` === open && day.drift !== null);
  return (
    <>
      <Tiles
        items={[
          { label: 'Estimated', value: money(drift.estimated_cost, currency), note: 'tokens times prices' },
          { label: 'Billed', value: money(drift.billed_cost, currency), note: 'as providers report it' },
          {
            label: 'Drift',
            value: signedPercent(drift.drift_percent, 2),
            note:
              drift.drift === null
                ? 'nothing to compare'
                : `${signedMoney(drift.drift, currency, 2)} billed beyond the estimate`,
            tone: Math.abs(drift.drift_percent ?? 0) > 2 ? 'warn' : 'plain',
          },
          { label: 'Compared', value: count(drift.compared), note: 'model-days that both sides tell' },
        ]}
      />
      <Card title="By model" hint={`${dayWords(drift.start_date)} – ${dayWords(drift.end_date)}`}>
        {drift.compared === 0 && (
          <Empty title="No provider told what it bills">
            <p>
              An agent with a collector of openai or anthropic reads the provider’s cost report once an hour; then each
              day stands here with its estimate.
            </p>
          </Empty>
        )}
        {drift.days.length > 0 && (
          <Table
            label="Drift by model"
            rows={driftByModel(drift.days)}
            keyOf={({ key }) => key}
            columns={columns}
            current={open}
          />
        )}
      </Card>
      {days.length > 0 && (
        <Card title={<bdi>{days[0]!.model_name}</bdi>} hint="day by day">
          <Table
            label="Drift by day"
            rows={days}
            keyOf={({ date }) => date}
            columns={[
              { title: 'Day', cell: ({ date }) => dayWords(date, 'long') },
              { title: 'Estimated', number: true, cell: ({ estimated_cost: cost }) => money(cost, currency, 2) },
              { title: 'Billed', number: true, cell: ({ billed_cost: cost }) => money(cost, currency, 2) },
              {
                title: 'Drift',
                number: true,
                cell: ({ drift: off, drift_percent: part }) =>
                  `${signedMoney(off, currency, 2)} ${signedPercent(part, 2)}`,
              },
            ]}
          />
        </Card>
      )}
    </>
  );
}
