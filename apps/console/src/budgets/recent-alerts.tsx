import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import { Badge } from '../ui/badge';
import { money } from '../ui/format';
import { Card } from '../ui/page';
import { Failed, Loading } from '../ui/states';
import { Time } from '../ui/time';
import ui from '../ui/ui.module.css';
import { thresholdWords } from './budget';
import css from './budgets.module.css';

const MOST = 20;

/** Thresholds that were reached, newest first. @param budgetId only of this one */
export function RecentAlerts({ budgetId }: { readonly budgetId?: number }) {
  const query = { limit: MOST, ...(budgetId !== undefined && { budget_id: budgetId }) };
  const list = useLoad(['/api/budgets/alerts', query], () => api.GET('/api/budgets/alerts', { params: { query } }));
  const rows = list.data?.data ?? [];
  return (
    <Card title="Thresholds reached" hint={rows.length === MOST ? `The newest ${MOST}` : undefined}>
      {list.isPending && <Loading lines={3} />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && (
        <p className={`${ui['cardBody']} ${ui['hint']}`}>None so far. Each threshold tells once in a period.</p>
      )}
      <ul>
        {rows.map((alert) => (
          <li key={alert.id} className={css['fired']}>
            <span className={css['firedHead']}>
              <Badge tone={alert.percent >= 100 ? 'bad' : 'warn'}>{thresholdWords(alert)}</Badge>
              {budgetId === undefined &&
                (alert.budget_id === null ? (
                  <bdi>{alert.budget_name}</bdi>
                ) : (
                  <Link href={`/budgets/${alert.budget_id}`} className="name">
                    {alert.budget_name}
                  </Link>
                ))}
              <span className={ui['hint']}>
                <Time at={alert.fired_at} />
              </span>
            </span>
            <span>
              {money(alert.actual, alert.currency)} of {money(alert.amount, alert.currency)} were spent then.
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
