import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { useConditionMetrics } from '../conditions/metrics';
import type { Metrics } from '../conditions/metrics';
import { metricWords, unitWords } from '../conditions/words';
import { useTenant } from '../data/tenant';
import { useAddress } from '../ui/address';
import { Badge, Simulated } from '../ui/badge';
import type { Tone } from '../ui/badge';
import { count, decimal } from '../ui/format';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Choice } from '../ui/tabs';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import type { Policy } from './draft';
import css from './history.module.css';

type Run = Schemas['PolicyRun'];
type Outcome = Schemas['PolicyOutcome'];
const PAGE = 20;

const KINDS: Readonly<Record<Run['kind'], readonly [string, Tone]>> = {
  triggered: ['triggered', 'accent'],
  schedule: ['outside its hours', 'plain'],
  cooldown: ['too soon again', 'plain'],
};
const OUTCOMES: Readonly<Record<Outcome['outcome'], readonly [string, Tone]>> = {
  requested: ['requested', 'good'],
  awaits_approval: ['waits for a person', 'accent'],
  would_act: ['would have acted', 'plain'],
  tagged: ['tagged', 'good'],
  notified: ['told', 'plain'],
  blocked: ['left alone', 'warn'],
};

/** When it triggered, with the numbers; what it did to each instance, and what it left alone and why. */
export function HistoryTab({ policy }: { readonly policy: Policy }) {
  const [{ kind, page }, setAddress] = useAddress({ kind: 'triggered', page: '1' });
  const asked = { limit: PAGE, page: Number(page) || 1, ...(kind === 'triggered' && { kind: ['triggered' as const] }) };
  const runs = useLoad(
    ['/api/enforcement-policies', 'history', policy.id, asked],
    () => api.GET('/api/enforcement-policies/{id}/history', { params: { path: { id: policy.id }, query: asked } }),
    { refetchInterval: 30_000, placeholderData: (before) => before },
  );
  if (runs.isPending) return <Loading />;
  if (runs.isError) return <Failed error={runs.error} retry={() => void runs.refetch()} />;
  const { data, pagination } = runs.data;
  return (
    <>
      <div>
        <Choice
          label="Which entries"
          value={kind === 'all' ? 'all' : 'triggered'}
          options={[
            ['triggered', 'Triggered'],
            ['all', 'Also what kept it back'],
          ]}
          onChange={(to) => setAddress({ kind: to, page: '1' })}
        />
      </div>
      {data.length === 0 && (
        <Card>
          <Empty title={policy.enabled ? 'It has not triggered yet' : 'It is paused'}>
            <p>
              {policy.enabled
                ? 'As soon as its conditions hold, what it did and what it left alone stands here, with the reasons.'
                : 'A paused policy decides nothing. Simulate it to see what it would do, then arm it.'}
            </p>
          </Empty>
        </Card>
      )}
      <ol className={css['entries']}>
        {data.map((run) => (
          <li key={run.id}>
            <OneRun run={run} />
          </li>
        ))}
      </ol>
      <Pager
        page={asked.page}
        limit={PAGE}
        total={pagination.total ?? 0}
        onPage={(to) => setAddress({ page: String(to) })}
      />
    </>
  );
}

function OneRun({ run }: { readonly run: Run }) {
  const [words, tone] = KINDS[run.kind];
  const metrics = useConditionMetrics();
  const currency = useTenant()?.currency ?? '';
  const names = new Map(run.outcomes.map(({ instance }) => [instance?.instance_id ?? null, instance?.name]));
  return (
    <Card
      title={<Time at={run.timestamp} />}
      hint={
        <>
          <Badge tone={tone}>{words}</Badge> {run.simulated && <Simulated />} version {run.policy_version}
          {run.subject === 'instance' &&
            `, ${count(run.instance_ids.length)} ${run.instance_ids.length === 1 ? 'instance' : 'instances'}`}
        </>
      }
    >
      {run.triggers.length > 0 && (
        <details className={css['met']}>
          <summary>What was measured</summary>
          <ul>
            {run.triggers.map((trigger) => (
              <li key={trigger.instance_id ?? ''}>
                <bdi>{names.get(trigger.instance_id) ?? trigger.instance_id ?? 'The tenant'}</bdi>:{' '}
                {trigger.conditions_met.map((met) => measured(met, metrics, currency)).join(', ') ||
                  'the conditions held'}
              </li>
            ))}
          </ul>
        </details>
      )}
      {run.outcomes.length > 0 && (
        <ul className={css['outcomes']}>
          {run.outcomes.map((outcome, i) => (
            <li key={i}>
              <Badge tone={OUTCOMES[outcome.outcome][1]}>{OUTCOMES[outcome.outcome][0]}</Badge>
              <span className="name">
                {outcome.instance && (
                  <>
                    <Link href={`/instances/${outcome.instance.id}`}>
                      <bdi>{outcome.instance.name ?? outcome.instance.instance_id}</bdi>
                    </Link>{' '}
                  </>
                )}
                {told(outcome.reason)}
                {outcome.action_id && (
                  <>
                    {' '}
                    <Link href={`/actions/${outcome.action_id}`}>
                      {outcome.action_status?.replaceAll('_', ' ') ?? 'its action'}
                    </Link>
                  </>
                )}
                {outcome.action_message && <span className={ui['hint']}> {outcome.action_message}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** "GPU utilisation 0.4 %". */
function measured(met: Run['triggers'][number]['conditions_met'][number], metrics: Metrics, currency: string): string {
  const unit = unitWords(metrics.get(met.metric)?.unit, currency);
  return `${metricWords(met.metric)} ${decimal(met.value, 2)}${unit && ` ${unit}`}`;
}
