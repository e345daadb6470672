import { useEffect, useState } from 'react';
import { api, useLoad } from '../data/api';
import { Simulated } from '../ui/badge';
import { count, duration } from '../ui/format';
import { Card } from '../ui/page';
import { Failed, Loading } from '../ui/states';
import { Choice } from '../ui/tabs';
import ui from '../ui/ui.module.css';
import css from './preview.module.css';
import { problemOf } from './rule';
import type { Draft } from './rule';
import { Timeline } from './timeline-view';

/** Somebody who writes a number is not asked after each digit. */
const WAIT_MS = 500;

function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), WAIT_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** When the rule would have fired, by the live engine's own evaluator over what agents stored. */
export function Preview({
  draft,
  days,
  onDays,
}: {
  draft: Draft;
  days: '7' | '30';
  onDays: (days: '7' | '30') => void;
}) {
  // only what decides when it fires: who is told of it asks nothing anew
  const text = JSON.stringify({
    ...draft,
    rule_name: 'a rule that is tried',
    description: null,
    notification_channel_ids: null,
    escalation: [],
    enabled: true,
    severity: 'medium',
  });
  const asked = useSettled(text);
  const problem = problemOf({ ...draft, rule_name: 'tried' });
  const test = useLoad(
    ['/api/alert-rules/test', asked, days],
    () =>
      api.POST('/api/alert-rules/test', {
        body: { ...(JSON.parse(asked) as Draft), lookback_days: Number(days), limit: 1_000 },
      }),
    { enabled: problem === undefined, staleTime: 120_000, placeholderData: (before) => before },
  );
  const result = test.data?.data;
  return (
    <Card
      title="When it would have fired"
      actions={
        <>
          {result?.simulated && <Simulated />}
          <Choice
            label="How far back"
            value={days}
            options={[
              ['7', '7 days'],
              ['30', '30 days'],
            ]}
            onChange={onDays}
          />
        </>
      }
    >
      <div className={css['body']} aria-busy={test.isFetching || asked !== text} aria-live="polite">
        {problem && <p className={ui['hint']}>{problem.words}</p>}
        {!problem && test.isPending && <Loading lines={5} />}
        {!problem && test.isError && <Failed error={test.error} retry={() => void test.refetch()} />}
        {!problem && !test.isError && result && (
          <>
            <dl className={css['numbers']}>
              <div>
                <dd>{count(result.total_firings)}</dd>
                <dt>{result.total_firings === 1 ? 'time' : 'times'}</dt>
              </div>
              <div>
                <dd>{count(result.total_notifications)}</dd>
                <dt>{result.total_notifications === 1 ? 'notification' : 'notifications'}</dt>
              </div>
              <div>
                <dd>
                  {count(result.affected_instances.length)}
                  <small> of {count(result.evaluated.instances)}</small>
                </dd>
                <dt>instances</dt>
              </div>
              <div>
                <dd>
                  {duration(
                    result.total_notifications === 0 ? undefined : (Number(days) * 86_400) / result.total_notifications,
                  )}
                </dd>
                <dt>between two notifications</dt>
              </div>
            </dl>
            {result.evaluated.without_data > 0 && (
              <p className={ui['hint']}>
                {count(result.evaluated.without_data)} of them had no value of this metric in this time: nothing can be
                said of them.
              </p>
            )}
            {result.total_firings === 0 ? (
              <p className={css['never']}>It would not have fired in the last {days} days.</p>
            ) : (
              <Timeline
                firings={result.firings}
                from={result.evaluated.from}
                to={result.evaluated.to}
                total={result.total_firings}
              />
            )}
          </>
        )}
      </div>
    </Card>
  );
}
