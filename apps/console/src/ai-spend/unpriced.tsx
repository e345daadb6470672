import { useState } from 'react';
import { Link } from 'wouter';
import css from '../costs/costs.module.css';
import { useMay } from '../data/role';
import { Button } from '../ui/button';
import { count, money, short } from '../ui/format';
import { Card } from '../ui/page';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import { OWN } from './compare';
import { PriceForm } from './price-form';
import type { PriceDraft } from './price-draft';
import type { AiSummary } from './overview';

interface Row {
  readonly key: string;
  readonly provider: string;
  readonly model: string;
  readonly reason: string;
  readonly records: number;
  readonly draft: Partial<PriceDraft>;
}

/** Usage that is in no total, because nobody knows its price, and how to price it; what own GPUs serve has no price but a cost. */
export function Unpriced({ summary }: { readonly summary: AiSummary }) {
  const may = useMay('admin');
  const [draft, setDraft] = useState<Partial<PriceDraft>>();
  const { unpriced, unconverted, overlaps } = summary;
  const own = unpriced.models.filter(({ provider }) => provider === OWN);
  const units = unpriced.units.map((one): Row => {
    const { provider, model_name: model, usage_unit: unit, quantity, records } = one;
    return {
      provider,
      model,
      records,
      key: `${provider}/${model} ${unit}`,
      reason: `${short(quantity)} ${unit} are not counted in tokens, and no price of them is known`,
      draft: { provider, model_name: model, of: 'units', usage_unit: unit },
    };
  });
  const inUnits = new Set(units.map(({ provider, model }) => `${provider}/${model}`));
  const rows: readonly Row[] = [
    ...unpriced.models
      .filter(({ provider, model_name }) => provider !== OWN && !inUnits.has(`${provider}/${model_name}`))
      .map(({ provider, model_name: model, reason, records }) => ({
        provider,
        model,
        reason,
        records,
        key: `${provider}/${model}`,
        draft: { provider, model_name: model, of: 'tokens' as const },
      })),
    ...units,
  ];
  const notes = [
    ...(own.length > 0
      ? [
          <span key="own">
            {count(own.length)} models are served by own GPUs and cost what those cost:{' '}
            <Link href="/ai-spend?tab=unit-economics">their unit economics</Link>.
          </span>,
        ]
      : []),
    ...unconverted.map(({ currency, amount, records }) => (
      <span key={currency}>
        {money(amount, currency)} in {count(records)} records is in no total:{' '}
        <Link href="/costs?tab=rules">no rate for {currency}</Link>.
      </span>
    )),
    ...(overlaps.length > 0
      ? [
          <span key="overlaps">
            {count(overlaps.reduce((sum, { requests }) => sum + requests, 0))} requests are told by a better source too
            and are counted once.
          </span>,
        ]
      : []),
  ];
  if (rows.length === 0 && notes.length === 0) return null;
  return (
    <Card
      title={rows.length > 0 ? 'Usage without a price' : 'What is not in these numbers'}
      hint={rows.length > 0 ? `in no total until somebody prices it` : undefined}
    >
      {rows.length > 0 && (
        <Table
          label="Usage without a price"
          rows={rows}
          keyOf={({ key }) => key}
          columns={[
            { title: 'Model', cell: ({ model }) => <bdi className="name">{model}</bdi> },
            { title: 'Provider', tight: true, cell: ({ provider }) => provider },
            { title: 'Why', cell: ({ reason }) => <bdi className="name">{reason}</bdi> },
            { title: 'Records', number: true, cell: ({ records }) => count(records) },
            ...(may
              ? [
                  {
                    title: 'Set a price',
                    quiet: true,
                    tight: true,
                    cell: ({ draft: of, model }) => (
                      <Button onClick={() => setDraft(of)} aria-label={`Set a price of ${model}`}>
                        Set a price
                      </Button>
                    ),
                  } as const satisfies Column<Row>,
                ]
              : []),
          ]}
        />
      )}
      {notes.length > 0 && (
        <ul className={css['below']}>
          {notes.map((note) => (
            <li key={note.key}>{note}</li>
          ))}
        </ul>
      )}
      {draft && <PriceForm draft={draft} onClose={() => setDraft(undefined)} />}
    </Card>
  );
}
