import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import css from '../costs/costs.module.css';
import { Badge, Simulated } from '../ui/badge';
import { Button } from '../ui/button';
import { NONE, count, decimal, money } from '../ui/format';
import kit from '../ui/kit.module.css';
import { Card } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Choice } from '../ui/tabs';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import { OWN } from './compare';
import type { Ai } from './use-ai';

type Row = Schemas['AiSpend'] & { readonly key: number };
const PAGE = 50;

/** The usage behind a number: by the hour, or record by record as it was told. */
export default function Usage({ ai }: { readonly ai: Ai }) {
  const cursor = ai.search.get('cursor') ?? undefined;
  const resolution = ai.search.get('resolution') === 'request' ? 'request' : 'hour';
  const asked = { ...ai.query, resolution, limit: PAGE, ...(cursor !== undefined && { cursor }) } as const;
  const list = useLoad(['/api/ai-spend', 'list', asked], () => api.GET('/api/ai-spend', { params: { query: asked } }), {
    placeholderData: (before) => before,
  });
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <Loading lines={12} />;
  const { data, pagination } = list.data;
  return (
    <Card
      title="Usage"
      hint={resolution === 'hour' ? 'sums by the hour, newest first' : 'as it was told, newest first'}
      actions={
        <Choice
          label="Detail"
          value={resolution}
          options={
            [
              ['hour', 'By the hour'],
              ['request', 'Records'],
            ] as const
          }
          onChange={(to) => ai.set({ resolution: to === 'hour' ? null : to, cursor: null })}
        />
      }
    >
      {data.length === 0 ? (
        <Empty title="No usage fits">
          <p>
            Take a filter away, or look at more days. Records are kept only so long as the tenant says; sums by the hour
            stay.
          </p>
        </Empty>
      ) : (
        <Table
          label="Usage"
          rows={data.map((row, key) => ({ ...row, key }))}
          keyOf={({ key }) => key}
          columns={COLUMNS}
        />
      )}
      {(pagination.has_more || cursor !== undefined) && (
        <div className={`${kit['pager']} ${css['pager']}`}>
          <span className={ui['hint']}>{cursor === undefined ? `The newest ${count(data.length)}` : 'Older ones'}</span>
          <span className={kit['grow']} />
          <Button disabled={cursor === undefined} onClick={() => ai.set({ cursor: null })}>
            To the newest
          </Button>
          <Button
            disabled={!pagination.next_cursor}
            onClick={() => ai.set({ cursor: pagination.next_cursor ?? null }, true)}
          >
            Older
          </Button>
        </div>
      )}
    </Card>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'When', tight: true, cell: ({ timestamp }) => <Time at={timestamp} /> },
  {
    title: 'Model',
    cell: ({ provider, model_name, spend_type }) => (
      <span className={css['what']}>
        <bdi className="name">{model_name}</bdi>
        <span className={ui['hint']}>
          {provider} · <bdi>{spend_type}</bdi>
        </span>
      </span>
    ),
  },
  {
    title: 'By',
    cell: ({ team_id, project_id, workload, run_id }) => {
      // a workload is often called like its project
      const [first = NONE, ...rest] = [...new Set([team_id, project_id, workload, run_id])].filter(Boolean);
      return (
        <>
          <bdi className="name">{first}</bdi>
          <div className={`${ui['hint']} name`} style={{ minWidth: '22ch' }}>
            {told(rest.join(' · '))}
          </div>
        </>
      );
    },
  },
  { title: 'Requests', number: true, cell: ({ requests }) => count(requests) },
  {
    title: 'Input',
    number: true,
    cell: ({ input_tokens, cached_input_tokens: cached }) => (
      <span title={`${count(cached)} of it from caches`}>{count(input_tokens)}</span>
    ),
  },
  { title: 'Output', number: true, cell: ({ output_tokens }) => count(output_tokens) },
  {
    title: 'Other',
    number: true,
    cell: ({ usage_quantity, usage_unit }) =>
      usage_quantity === null ? NONE : `${decimal(usage_quantity, 2)} ${usage_unit ?? ''}`,
  },
  {
    title: 'Priced by',
    cell: ({ price_source, cost_source, source, simulated }) => (
      <span className={css['tags']}>
        <bdi className={ui['hint']}>
          {price_source ?? (cost_source === 'estimate' ? 'a list' : (cost_source ?? NONE))}
        </bdi>
        <Badge>{SOURCES[source]}</Badge>
        {simulated && <Simulated />}
      </span>
    ),
  },
  {
    title: 'Cost',
    number: true,
    cell: ({ cost, currency, unpriced_reason, provider }) =>
      cost !== null ? (
        money(cost, currency, cost < 0.01 && cost > 0 ? 6 : 2)
      ) : provider === OWN ? (
        <Badge>own GPUs</Badge>
      ) : (
        <span title={unpriced_reason ?? undefined}>
          <Badge tone="warn">unpriced</Badge>
        </span>
      ),
  },
];

const SOURCES: Readonly<Record<Row['source'], string>> = { provider_api: 'provider', otlp: 'traces', sync: 'reported' };
