import { useState } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { Bullet, BulletLegend } from '../charts/bullet';
import { dayOf } from '../costs/cost-window';
import { api, useLoad, useSend } from '../data/api';
import { useMay } from '../data/role';
import { useAddress } from '../ui/address';
import { Button } from '../ui/button';
import { ConfirmTyped } from '../ui/confirm';
import { NONE, count, decimal, money, percent } from '../ui/format';
import { Card, PageHead, Tiles } from '../ui/page';
import { Failed, Loading } from '../ui/states';
import { ShowCurl } from '../ui/show-curl';
import { Time, useNow } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import {
  bulletOf,
  bulletSentence,
  expectedByToday,
  periodWords,
  riskWords,
  rowsBehind,
  scopeWords,
  thresholdWords,
} from './budget';
import type { Budget, Figures } from './budget';
import { BudgetDialog } from './budget-dialog';
import css from './budgets.module.css';
import { PastPeriods } from './past-periods';
import { RecentAlerts } from './recent-alerts';
import { StandingBadge } from './standing-badge';
import { Told } from './threshold-fields';

/** One budget: where it stands, how far its forecast can be believed, when it tells. */
export default function BudgetScreen() {
  const { id } = useParams<{ id: string }>();
  const [address, set] = useAddress({ dialog: '' });
  const mayWrite = useMay('admin');
  const one = useLoad(
    ['/api/budgets', Number(id)],
    () => api.GET('/api/budgets/{id}', { params: { path: { id: Number(id) } } }),
    { refetchInterval: 60_000 },
  );
  if (one.isPending) return <Loading lines={8} />;
  if (one.isError) return <Failed error={one.error} retry={() => void one.refetch()} />;
  const budget = one.data.data;
  const { current } = budget;
  return (
    <>
      <PageHead title={budget.name} simulated={budget.simulated} hint={scopeWords(budget)}>
        <StandingBadge of={budget.standing} />
        {mayWrite && <Button onClick={() => set({ dialog: 'change' })}>Change</Button>}
        {mayWrite && <DeleteBudget budget={budget} />}
      </PageHead>
      {current ? (
        <Standing budget={budget} figures={current} />
      ) : (
        <Card padded>
          <p>It has not begun, or is over: nothing is counted now.</p>
        </Card>
      )}
      <PastPeriods budget={budget} past={budget.past_periods} coverage={budget.coverage} />
      <div className={css['two']}>
        <RecentAlerts budgetId={budget.id} />
        <Card title="What it is" padded>
          <Facts budget={budget} />
        </Card>
      </div>
      {address.dialog === 'change' && mayWrite && (
        <BudgetDialog budget={budget} onClose={() => set({ dialog: null })} />
      )}
    </>
  );
}

function Standing({ budget, figures }: { readonly budget: Budget; readonly figures: Figures }) {
  const say = (value: number | null) => money(value, budget.currency);
  const { interval_80: likely, interval_95: wide } = figures;
  const span = (of: typeof likely) => (of ? `${say(of.low)} – ${say(of.high)}` : NONE);
  return (
    <>
      <Card
        title={`${figures.period_start} – ${figures.period_end}`}
        hint={`${count(figures.remaining_days)} days to go`}
        padded
      >
        <div className={css['bigBar']}>
          <Bullet tall values={bulletOf(budget, figures)} label={bulletSentence(budget, figures)} />
          <BulletLegend />
        </div>
      </Card>
      <Tiles
        items={[
          {
            label: 'Spent',
            value: say(figures.current_spend),
            note: `${percent(figures.utilization_percent)} of ${say(budget.amount)}`,
            tone: budget.standing === 'over' ? 'bad' : 'plain',
          },
          {
            label: 'Even pace today',
            value: say(expectedByToday(budget.amount, figures)),
            note: `${count(figures.elapsed_days)} of ${count(figures.elapsed_days + figures.remaining_days)} days are over`,
          },
          { label: 'Forecast', value: say(figures.projected_spend), note: `80 %: ${span(likely)}` },
          {
            label: 'Probability of an overrun',
            value: riskWords(figures.overrun_probability),
            note: figures.projected_overage ? `by about ${say(figures.projected_overage)}` : `95 %: ${span(wide)}`,
            tone: ['over', 'likely'].includes(budget.standing) ? 'bad' : 'plain',
          },
          {
            label: 'A day costs',
            value: say(figures.daily_burn),
            note:
              figures.burn_rate === null ? undefined : `${decimal(figures.burn_rate, 2)} × the pace that just lasts`,
          },
        ]}
      />
      <Caveats figures={figures} currency={budget.currency} />
    </>
  );
}

/** What the numbers do not hold, or stand on; nothing is said where nothing is amiss. */
function Caveats({ figures, currency }: { readonly figures: Figures; readonly currency: string }) {
  const words = [
    figures.forecast_method === 'none' && 'There are under 7 days of history: too little for a forecast.',
    figures.forecast_method === 'run_rate' &&
      `The forecast is the mean of ${count(figures.history_days)} days; from 21 days on it has an interval.`,
    figures.unpriced_records > 0 &&
      `${count(figures.unpriced_records)} records of AI usage have no price and are in none of these numbers.`,
    figures.unconverted_records > 0 &&
      `${count(figures.unconverted_records)} charges are in a currency without a rate and are in none of these numbers.`,
    figures.late_data > 0 &&
      `The forecast holds ${money(figures.late_data, currency)} for charges of past days that bills still add.`,
  ].filter(Boolean);
  return words.length === 0 ? null : (
    <ul className={`${css['list']} ${ui['hint']}`}>
      {words.map((sentence) => (
        <li key={String(sentence)}>{sentence}</li>
      ))}
    </ul>
  );
}

function Facts({ budget }: { readonly budget: Budget }) {
  return (
    <dl className={css['facts']}>
      <dt>Limit</dt>
      <dd>
        {money(budget.amount, budget.currency)} {periodWords(budget.period)},{' '}
        {budget.cost_type === 'billed' ? 'as invoiced' : 'with commitments spread'}
      </dd>
      <dt>Over</dt>
      <dd className="name">{scopeWords(budget)}</dd>
      <dt>Tells when</dt>
      <dd>
        {budget.thresholds.length === 0 ? (
          'never'
        ) : (
          <ul className={css['list']}>
            {budget.thresholds.map((one) => (
              <li key={`${one.basis} ${one.percent}`}>{thresholdWords(one)}</li>
            ))}
          </ul>
        )}
        <Told />
      </dd>
      <dt>Made</dt>
      <dd>
        <Time at={budget.created_at} /> by <bdi>{budget.created_by}</bdi>
      </dd>
      <dt>Rows behind it</dt>
      <dd>
        <Behind budget={budget} />
      </dd>
    </dl>
  );
}

function Behind({ budget }: { readonly budget: Budget }) {
  const { charges, usage } = rowsBehind(budget, dayOf(useNow(60_000)));
  return (
    <ul className={css['list']}>
      {charges !== null && (
        <li>
          <Link href={charges}>Charges</Link>
        </li>
      )}
      {usage !== null && (
        <li>
          <Link href={usage}>AI usage</Link>, which counts until a charge tells of it
        </li>
      )}
    </ul>
  );
}

function DeleteBudget({ budget }: { readonly budget: Budget }) {
  const [open, setOpen] = useState(false);
  const [, go] = useLocation();
  const remove = useSend(
    () => api.DELETE('/api/budgets/{id}', { params: { path: { id: budget.id } } }),
    ['/api/budgets'],
  );
  return (
    <>
      <Button look="danger" onClick={() => setOpen(true)}>
        Delete
      </Button>
      <ConfirmTyped
        open={open}
        onOpenChange={setOpen}
        title="Delete this budget?"
        word="delete"
        action="Delete the budget"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => {
              toast.say('The budget is deleted');
              go('/budgets');
            },
          })
        }
        aside={<ShowCurl method="DELETE" path={`/api/budgets/${budget.id}`} />}
      >
        <p>
          <bdi>{budget.name}</bdi> tells nothing any more. The thresholds that it reached stay in the record.
        </p>
      </ConfirmTyped>
    </>
  );
}
