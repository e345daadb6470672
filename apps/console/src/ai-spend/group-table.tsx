import { Filter } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { Share } from '../costs/breakdown-table';
import css from '../costs/costs.module.css';
import { api, useLoad } from '../data/api';
import { Badge } from '../ui/badge';
import { Button, IconButton } from '../ui/button';
import { NONE, count, money, percent, short } from '../ui/format';
import { Card } from '../ui/page';
import { Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import ui from '../ui/ui.module.css';
import type { AiSummary } from './overview';
import { OWN, tokenParts } from './compare';
import { AI_FILTERS, DIMENSIONS, usageOf } from './use-ai';
import type { Ai } from './use-ai';

type Sums = Pick<
  AiSummary['by_provider'][number],
  | 'total_cost'
  | 'records'
  | 'requests'
  | 'errors'
  | 'input_tokens'
  | 'cached_input_tokens'
  | 'cache_write_input_tokens'
  | 'output_tokens'
  | 'unpriced'
>;
type Row = Sums & {
  readonly key: string;
  readonly value: string | null;
  readonly provider: string | null;
  /** Filters that leave only it; null: nothing can. */
  readonly only: Readonly<Record<string, string>> | null;
};

const FEW = 15;

/** Who uses what: tokens by kind and what they cost, for every model, provider, team, … */
export function GroupTable({ ai, summary }: { readonly ai: Ai; readonly summary: AiSummary }) {
  const [all, setAll] = useState(false);
  const { by, query } = ai;
  const isModel = by === 'model_name';
  const asked = { ...query, dimension: by, limit: 500 };
  const loaded = useLoad(
    ['/api/ai-spend', 'by-dimension', asked],
    () => api.GET('/api/ai-spend/by-dimension', { params: { query: asked } }),
    { placeholderData: (before) => before, enabled: !isModel, staleTime: 60_000 },
  );
  const words = DIMENSIONS.find(([name]) => name === by)![1];
  const rows: readonly Row[] | undefined = isModel
    ? summary.by_model.map((row) => ({
        ...row,
        key: `${row.provider}/${row.model_name}`,
        value: row.model_name,
        only: { model_name: row.model_name, provider: row.provider },
      }))
    : loaded.data?.data.groups.map((row) => ({
        ...row,
        key: `=${row.value}`,
        provider: null,
        only: row.value !== null && AI_FILTERS.some(([name]) => name === by) ? { [by]: row.value } : null,
      }));
  const { currency } = summary;
  const columns: readonly Column<Row>[] = [
    {
      title: words,
      cell: (row) => (
        <span className={css['what']}>
          {row.only ? (
            <Link href={usageOf(ai, row.only)} className="name">
              {row.value}
            </Link>
          ) : (
            <bdi className={row.value === null ? css['nobody'] : undefined}>
              {row.value ?? `No ${words.toLowerCase()}`}
            </bdi>
          )}
          {row.provider && <span className={ui['hint']}>{row.provider}</span>}
        </span>
      ),
    },
    { title: 'Cost', number: true, cell: (row) => <Cost row={row} currency={currency} /> },
    {
      title: 'Share',
      cell: (row) => (isUnpriced(row) ? NONE : <Share value={row.total_cost} of={summary.total_cost} />),
    },
    { title: 'Requests', number: true, cell: ({ requests }) => short(requests) },
    {
      title: 'Failed',
      number: true,
      cell: ({ errors, requests }) => (requests === 0 ? NONE : percent((errors / requests) * 100, 2)),
    },
    { title: 'Uncached in', number: true, cell: (row) => short(tokenParts(row).uncached) },
    { title: 'Cache read', number: true, cell: (row) => short(tokenParts(row).read) },
    { title: 'Cache write', number: true, cell: (row) => short(tokenParts(row).written) },
    { title: 'Output', number: true, cell: (row) => short(row.output_tokens) },
    {
      title: 'Only this',
      quiet: true,
      cell: ({ only, value }) =>
        only && (
          <IconButton label={`Only ${value}`} onClick={() => ai.set({ ...only, cursor: null })}>
            <Filter size={14} aria-hidden />
          </IconButton>
        ),
    },
  ];
  const isLong = (rows?.length ?? 0) > FEW + 4;
  return (
    <Card
      title={`By ${words.toLowerCase()}`}
      hint={rows && `${count(rows.length)} groups; tokens as providers count them`}
    >
      {!rows && <Loading lines={6} />}
      {rows && (
        <Table
          label={`AI spend by ${words.toLowerCase()}`}
          rows={all || !isLong ? rows : rows.slice(0, FEW)}
          keyOf={({ key }) => key}
          columns={columns}
        />
      )}
      {isLong && (
        <div className={css['more']}>
          <Button look="quiet" onClick={() => setAll(!all)}>
            {all ? `The first ${FEW} only` : `All ${count(rows!.length)} groups`}
          </Button>
        </div>
      )}
    </Card>
  );
}

const isUnpriced = ({ records, unpriced }: Sums) => records > 0 && unpriced.records === records;
const isOwn = ({ provider, value }: Row) => (provider ?? value) === OWN;

/** What has no price costs nothing that is known: it is not 0. */
function Cost({ row, currency }: { readonly row: Row; readonly currency: string }) {
  const { total_cost: cost, unpriced } = row;
  if (unpriced.records === 0) return <>{money(cost, currency)}</>;
  if (isUnpriced(row)) return isOwn(row) ? <Badge>own GPUs</Badge> : <Badge tone="warn">unpriced</Badge>;
  return (
    <span title={`${count(unpriced.requests)} requests have no price`}>
      <Badge tone="warn">in part</Badge> {money(cost, currency)}
    </span>
  );
}
