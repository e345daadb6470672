import type { Schemas } from '../data/api';
import { Badge } from '../ui/badge';
import { NONE, count, money, percent } from '../ui/format';
import { Card } from '../ui/page';
import { Table } from '../ui/table';
import ui from '../ui/ui.module.css';
import type { Budget } from './budget';
import { Sparkbar } from './sparkbar';

interface Props {
  readonly budget: Budget;
  readonly past: readonly Schemas['BudgetPastPeriod'][];
  readonly coverage: Schemas['ProjectionCoverage'] | null;
}

/** What earlier periods came to, and whether what would have been said of them was right. */
export function PastPeriods({ budget, past, coverage }: Props) {
  const say = (value: number | null) => money(value, budget.currency);
  const most = Math.max(budget.amount, ...past.map(({ actual }) => actual));
  return (
    <Card
      title="Earlier periods"
      hint="against the limit of today"
      actions={
        coverage && coverage.periods > 0 ? (
          <span className={ui['hint']}>
            {percent((coverage.within_80 ?? 0) * 100)} of {count(coverage.periods)} ended within the 80 % interval,{' '}
            {percent((coverage.within_95 ?? 0) * 100)} within the 95 % one
            {coverage.median_error !== null &&
              `; half of the forecasts were off by ${percent(coverage.median_error * 100, 1)} or less`}
          </span>
        ) : undefined
      }
    >
      {past.length === 0 ? (
        <p className={`${ui['cardBody']} ${ui['hint']}`}>
          There is no earlier period yet. Once there is, it stands here beside what would have been forecast at the same
          place within it: that is how far today’s forecast can be believed.
        </p>
      ) : (
        <Table
          label="Earlier periods"
          rows={past}
          keyOf={(row) => row.period_start}
          columns={[
            {
              title: 'Period',
              tight: true,
              cell: (row) => (
                <>
                  {row.period_start} – {row.period_end} {!row.whole && <Badge tone="warn">not whole</Badge>}
                </>
              ),
            },
            { title: 'Came to', number: true, cell: (row) => say(row.actual) },
            {
              title: 'Of the limit',
              cell: (row) => <Sparkbar share={row.actual / most} limit={budget.amount / most} />,
            },
            {
              title: '% of the limit',
              number: true,
              cell: (row) => (budget.amount === 0 ? NONE : percent((row.actual / budget.amount) * 100)),
            },
            { title: 'Would have been forecast', number: true, cell: (row) => say(row.projected) },
            {
              title: '80 % interval',
              number: true,
              cell: (row) => (row.interval_80 ? `${say(row.interval_80.low)} – ${say(row.interval_80.high)}` : NONE),
            },
            { title: 'Right?', tight: true, cell: (row) => <Right of={row} /> },
          ]}
        />
      )}
    </Card>
  );
}

function Right({ of }: { readonly of: Schemas['BudgetPastPeriod'] }) {
  if (!of.whole || !of.interval_80) return <span>{NONE}</span>;
  const within = of.actual >= of.interval_80.low && of.actual <= of.interval_80.high;
  return within ? <Badge tone="good">within</Badge> : <Badge tone="warn">outside</Badge>;
}
