import { CircleCheck, CircleDashed, CircleX, LoaderCircle, OctagonAlert } from 'lucide-react';
import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { useAddress } from '../ui/address';
import { Badge } from '../ui/badge';
import type { Tone } from '../ui/badge';
import { NONE, duration } from '../ui/format';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import css from './timeline.module.css';
import type { Details } from './instance-screen';

const LIMIT = 25;

const LOOKS: Readonly<Record<string, readonly [Tone, typeof CircleCheck]>> = {
  succeeded: ['good', CircleCheck],
  failed: ['bad', CircleX],
  refused: ['warn', OctagonAlert],
  rejected: ['warn', CircleX],
  unknown: ['warn', OctagonAlert],
  running: ['accent', LoaderCircle],
  dispatched: ['accent', LoaderCircle],
};

function StatusBadge({ status }: { readonly status: string }) {
  const [tone, icon] = LOOKS[status] ?? ['plain', CircleDashed];
  return (
    <Badge tone={tone} icon={icon}>
      {status.replaceAll('_', ' ')}
    </Badge>
  );
}

/** Every start and stop that was asked of it; the chosen one with all that happened to it. */
export function InstanceActions({ instance }: { readonly instance: Details }) {
  const [{ action, page }, set] = useAddress({ action: '', page: '1' });
  const at = Math.max(1, Number(page) || 1);
  const list = useLoad(['/api/actions', 'of instance', instance.id, at], () =>
    api.GET('/api/actions', { params: { query: { instance_id: instance.id, page: at, limit: LIMIT } } }),
  );
  if (list.isPending) return <Loading />;
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  const { data: actions, pagination } = list.data;
  if (actions.length === 0 && !action) {
    return (
      <Empty title="Nothing was done to it yet">
        <p>Starts and stops by people, keys and policies stand here, each with what its host answered.</p>
      </Empty>
    );
  }
  return (
    <>
      {action && <Story id={action} />}
      <Card title="Starts and stops">
        <Table
          label="Starts and stops"
          rows={[...actions].sort((a, b) => b.requested_at.localeCompare(a.requested_at))}
          keyOf={(one) => one.id}
          current={action || undefined}
          columns={[
            {
              title: 'What',
              tight: true,
              cell: (one) => (
                <Link href={`/instances/${instance.id}?tab=actions&action=${one.id}`}>
                  {one.type === 'stop' ? 'Stop' : 'Start'}
                  {one.dry_run && ' (dry run)'}
                </Link>
              ),
            },
            { title: 'Status', cell: (one) => <StatusBadge status={one.status} /> },
            { title: 'Asked by', cell: (one) => <bdi>{told(one.requester.label)}</bdi> },
            { title: 'Why', cell: (one) => <span className="name">{one.reason ? told(one.reason) : NONE}</span> },
            { title: 'Answer', cell: (one) => <span className="name">{one.message ? told(one.message) : NONE}</span> },
            { title: 'Asked', tight: true, cell: (one) => <Time at={one.requested_at} /> },
            {
              title: 'Took',
              number: true,
              cell: ({ finished_at: end, requested_at: begin }) =>
                end ? duration((Date.parse(end) - Date.parse(begin)) / 1_000) : NONE,
            },
          ]}
        />
      </Card>
      <Pager
        page={at}
        limit={LIMIT}
        total={pagination.total ?? 0}
        onPage={(to) => set({ page: String(to) }, { push: true })}
      />
    </>
  );
}

function Story({ id }: { readonly id: string }) {
  const [, set] = useAddress({ action: '' });
  const one = useLoad(['/api/actions', id], () => api.GET('/api/actions/{id}', { params: { path: { id } } }), {
    refetchInterval: ({ state }) => (state.data?.data.finished_at ? false : 3_000),
  });
  if (one.isPending) return <Loading lines={4} />;
  if (one.isError) return <Failed error={one.error} retry={() => set({ action: null })} />;
  const action = one.data.data;
  const begin = Date.parse(action.requested_at);
  return (
    <Card
      padded
      title={
        <>
          {action.type === 'stop' ? 'Stop' : 'Start'} <StatusBadge status={action.status} />
        </>
      }
      hint={<code>{action.id}</code>}
      actions={<Link href={`/instances/${action.instance_id}?tab=actions`}>Close</Link>}
    >
      <p className="name">
        Asked by <bdi>{told(action.requester.label)}</bdi>
        {action.reason && <> because “{told(action.reason)}”</>}
        {action.force && ', even if its GPUs work'}
        {action.dry_run && ', as a dry run'}. <span className={ui['hint']}>{told(action.message ?? '')}</span>
      </p>
      <ol className={css['timeline']}>
        {action.timeline.map((step, i) => (
          <Step key={i} step={step} after={(Date.parse(step.at) - begin) / 1_000} />
        ))}
      </ol>
      {action.result?.output && (
        <pre className={css['output']} tabIndex={0} aria-label="What the command printed">
          {action.result.output}
        </pre>
      )}
    </Card>
  );
}

function Step({ step, after }: { readonly step: Schemas['ActionTransition']; readonly after: number }) {
  const [tone] = LOOKS[step.to] ?? ['plain'];
  return (
    <li data-tone={tone}>
      <b>{step.from === step.to ? 'remark' : step.to.replaceAll('_', ' ')}</b>
      <span className={ui['hint']}>
        <Time at={step.at} />
        {after >= 1 && ` · after ${duration(after)}`} · <bdi>{told(step.by.label)}</bdi>
      </span>
      {step.note && <span className="name">{told(step.note)}</span>}
    </li>
  );
}
