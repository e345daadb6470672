import { Plus } from 'lucide-react';
import { Link } from 'wouter';
import { Bullet, BulletLegend } from '../charts/bullet';
import { api, useLoad } from '../data/api';
import { useMay } from '../data/role';
import { useAddress } from '../ui/address';
import { Button } from '../ui/button';
import { count, money, percent } from '../ui/format';
import { Card, PageHead, Tiles } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Choice } from '../ui/tabs';
import ui from '../ui/ui.module.css';
import { bulletOf, bulletSentence, periodWords, riskWords, scopeWords, standing } from './budget';
import type { Budget } from './budget';
import { BudgetDialog } from './budget-dialog';
import css from './budgets.module.css';
import { RecentAlerts } from './recent-alerts';
import { StandingBadge } from './standing-badge';

const PAGE = 100;
const WORST = ['over', 'likely', 'maybe', 'unknown', 'fine', 'waiting', 'off'] as const;
const AT_RISK: readonly string[] = ['over', 'likely', 'maybe'];

/** What may be spent, what is, and what it will come to. */
export default function BudgetsScreen() {
  const [address, set] = useAddress({ page: '1', show: 'all', dialog: '' });
  const mayWrite = useMay('admin');
  const asked = { limit: PAGE, page: Number(address.page) || 1 };
  const list = useLoad(['/api/budgets', asked], () => api.GET('/api/budgets', { params: { query: asked } }), {
    refetchInterval: 60_000,
  });
  const all = list.data?.data ?? [];
  const shown = all
    .filter((budget) => address.show !== 'risk' || AT_RISK.includes(standing(budget)))
    .toSorted((a, b) => WORST.indexOf(standing(a)) - WORST.indexOf(standing(b)));
  const make = mayWrite && (
    <Button look="primary" onClick={() => set({ dialog: 'new' })}>
      <Plus size={15} aria-hidden /> New budget
    </Button>
  );
  return (
    <>
      <PageHead title="Budgets" simulated={all.some(({ simulated }) => simulated)}>
        {make || <span className={ui['hint']}>Budgets are made by administrators.</span>}
      </PageHead>
      {all.length > 0 && <Numbers budgets={all} total={list.data?.pagination.total ?? 0} />}
      <Card
        title="Against the limit"
        actions={
          all.length > 0 && (
            <Choice
              label="Which budgets"
              value={address.show}
              options={[
                ['all', 'All'],
                ['risk', 'At risk'],
              ]}
              onChange={(show) => set({ show })}
            />
          )
        }
      >
        {list.isPending && <Loading lines={6} height={34} />}
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && all.length === 0 && (
          <Empty title="No budget yet">
            <p>
              A budget is a limit over all cost, a team, a service or a tag. It tells you before the money is gone: the
              forecast reaches the limit days before the bill does.
            </p>
            {make}
          </Empty>
        )}
        {all.length > 0 && (
          <>
            <div className={css['legendLine']}>
              <BulletLegend />
            </div>
            <ul className={css['rows']} aria-label="Budgets">
              {shown.map((budget) => (
                <BudgetRow key={budget.id} budget={budget} />
              ))}
            </ul>
            {shown.length === 0 && (
              <Empty title="No budget is at risk">
                <p>None is over its limit, and none goes over it with a probability of 10 % or more.</p>
              </Empty>
            )}
          </>
        )}
      </Card>
      <Pager
        page={asked.page}
        limit={PAGE}
        total={list.data?.pagination.total ?? 0}
        onPage={(page) => set({ page: String(page) })}
      />
      {all.length > 0 && <RecentAlerts />}
      {address.dialog === 'new' && mayWrite && <BudgetDialog onClose={() => set({ dialog: null })} />}
    </>
  );
}

function Numbers({ budgets, total }: { readonly budgets: readonly Budget[]; readonly total: number }) {
  const status = useLoad(['/api/costs/budget-status'], () => api.GET('/api/costs/budget-status'));
  const coverage = status.data?.data.coverage;
  const of = (which: string) => budgets.filter((budget) => standing(budget) === which).length;
  return (
    <Tiles
      items={[
        { label: 'Budgets', value: count(total) },
        { label: 'Over the limit', value: count(of('over')), tone: of('over') > 0 ? 'bad' : 'plain' },
        {
          label: 'Will likely go over',
          value: count(of('likely')),
          tone: of('likely') > 0 ? 'bad' : 'plain',
          note: 'Probability 50 % or more',
        },
        {
          label: 'May go over',
          value: count(of('maybe')),
          tone: of('maybe') > 0 ? 'warn' : 'plain',
          note: 'Probability 10 to 50 %',
        },
        {
          label: 'Forecasts that were right',
          value: coverage?.within_80 == null ? '–' : percent(coverage.within_80 * 100),
          note: coverage?.periods
            ? `ended within the 80 % interval, of ${count(coverage.periods)} past ${coverage.periods === 1 ? 'month' : 'months'}`
            : 'No past month can be checked yet',
        },
      ]}
    />
  );
}

function BudgetRow({ budget }: { readonly budget: Budget }) {
  const { current, currency } = budget;
  const likely = current?.interval_80;
  return (
    <li className={css['row']}>
      <div className={css['what']}>
        <Link href={`/budgets/${budget.id}`} className="name">
          {budget.name}
        </Link>
        <span className={`${ui['hint']} name`}>{scopeWords(budget)}</span>
        <StandingBadge of={standing(budget)} />
      </div>
      <div className={css['barCell']}>
        {current ? (
          <Bullet values={bulletOf(budget, current)} label={bulletSentence(budget, current)} />
        ) : (
          <span className={ui['hint']}>It has not begun, or is over.</span>
        )}
      </div>
      <dl className={css['figures']}>
        <div>
          <dt>Spent</dt>
          <dd>{money(current?.current_spend, currency)}</dd>
          <dd>{percent(current?.utilization_percent)} of the limit</dd>
        </div>
        <div>
          <dt>Forecast</dt>
          <dd>{money(current?.projected_spend, currency)}</dd>
          <dd>{likely ? `${money(likely.low, currency)} – ${money(likely.high, currency)}` : 'No interval yet'}</dd>
        </div>
        <div>
          <dt>Limit</dt>
          <dd>{money(budget.amount, currency)}</dd>
          <dd>{periodWords(budget.period)}</dd>
        </div>
        <div>
          <dt>Overrun</dt>
          <dd data-risk={standing(budget)}>{riskWords(current?.overrun_probability ?? null)}</dd>
          <dd>probability</dd>
        </div>
      </dl>
    </li>
  );
}
