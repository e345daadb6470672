import { Plus } from 'lucide-react';
import { Link } from 'wouter';
import { Bullet, BulletLegend } from '../charts/bullet';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { useAddress } from '../ui/address';
import { Button } from '../ui/button';
import { count, money, percent } from '../ui/format';
import { Card, PageHead, Tiles } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Choice } from '../ui/tabs';
import ui from '../ui/ui.module.css';
import { bulletOf, bulletSentence, periodWords, riskWords, scopeWords } from './budget';
import type { Budget } from './budget';
import { BudgetDialog } from './budget-dialog';
import css from './budgets.module.css';
import { RecentAlerts } from './recent-alerts';
import { StandingBadge } from './standing-badge';

const PAGE = 100;
const AT_RISK = ['over', 'likely', 'maybe'] as const;
type Summary = Schemas['BudgetListSummary'];

/** What may be spent, what is, and what it will come to. */
export default function BudgetsScreen() {
  const [address, set] = useAddress({ page: '1', show: 'all', dialog: '' });
  const mayWrite = useMay('admin');
  const only = AT_RISK.find((one) => one === address.show);
  const wanted = address.show === 'risk' ? [...AT_RISK] : only && [only];
  const asked = {
    limit: PAGE,
    page: Number(address.page) || 1,
    sort: 'standing' as const,
    ...(wanted && { standing: wanted }),
  };
  const list = useLoad(['/api/budgets', asked], () => api.GET('/api/budgets', { params: { query: asked } }), {
    placeholderData: (before) => before,
    refetchInterval: 60_000,
  });
  const shown = list.data?.data ?? [];
  const summary = list.data?.summary;
  const total = summary ? Object.values(summary).reduce((sum, n) => sum + n, 0) : 0;
  const make = mayWrite && (
    <Button look="primary" onClick={() => set({ dialog: 'new' })}>
      <Plus size={15} aria-hidden /> New budget
    </Button>
  );
  return (
    <>
      <PageHead title="Budgets" simulated={shown.some(({ simulated }) => simulated)}>
        {make || <span className={ui['hint']}>Budgets are made by administrators.</span>}
      </PageHead>
      {summary && total > 0 && <Numbers of={summary} total={total} show={address.show} />}
      <Card
        title="Against the limit"
        actions={
          total > 0 && (
            <Choice
              label="Which budgets"
              value={wanted ? 'risk' : 'all'}
              options={[
                ['all', 'All'],
                ['risk', 'At risk'],
              ]}
              onChange={(show) => set({ show, page: null })}
            />
          )
        }
      >
        {list.isPending && <Loading lines={6} height={34} />}
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && total === 0 && (
          <Empty title="No budget yet">
            <p>
              A budget is a limit over all cost, a team, a service or a tag. It tells you before the money is gone: the
              forecast reaches the limit days before the bill does.
            </p>
            {make}
          </Empty>
        )}
        {total > 0 && (
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
              <Empty title={only ? 'No budget stands so' : 'No budget is at risk'}>
                <p>Of all {count(total)} budgets none does now. The numbers above count every budget.</p>
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
      {total > 0 && <RecentAlerts />}
      {address.dialog === 'new' && mayWrite && <BudgetDialog onClose={() => set({ dialog: null })} />}
    </>
  );
}

interface NumbersProps {
  readonly of: Summary;
  readonly total: number;
  readonly show: string;
}

/** Of all budgets, whatever the list below shows. */
function Numbers({ of, total, show }: NumbersProps) {
  const status = useLoad(['/api/costs/budget-status'], () => api.GET('/api/costs/budget-status'));
  const coverage = status.data?.data.coverage;
  const leading = (standing: string) => ({
    to: show === standing ? '/budgets' : `/budgets?show=${standing}`,
    current: show === standing,
  });
  return (
    <Tiles
      items={[
        { label: 'Budgets', value: count(total), to: '/budgets', current: show === 'all' },
        { label: 'Over the limit', value: count(of.over), tone: of.over > 0 ? 'bad' : 'plain', ...leading('over') },
        {
          label: 'Will likely go over',
          value: count(of.likely),
          tone: of.likely > 0 ? 'bad' : 'plain',
          note: 'Probability 50 % or more',
          ...leading('likely'),
        },
        {
          label: 'May go over',
          value: count(of.maybe),
          tone: of.maybe > 0 ? 'warn' : 'plain',
          note: 'Probability 10 to 50 %',
          ...leading('maybe'),
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
        <StandingBadge of={budget.standing} />
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
          <dd data-risk={budget.standing}>{riskWords(current?.overrun_probability ?? null)}</dd>
          <dd>probability</dd>
        </div>
      </dl>
    </li>
  );
}
