import { Filter } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { BarSeries } from '../charts/stacked-bars';
import { Button, IconButton } from '../ui/button';
import { NONE, count, money, percent, signedMoney, signedPercent } from '../ui/format';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import ui from '../ui/ui.module.css';
import css from './costs.module.css';
import { dimensionWords, narrowed, valueWords } from './groups';
import { chargesOf } from './overview';
import type { Breakdown, Costs } from './overview';
import { keyOf } from './series';

type Group = Breakdown['groups'][number];

interface Props {
  readonly costs: Costs;
  readonly breakdown: Breakdown;
  readonly by: string;
  readonly series: readonly BarSeries[];
}

const FEW = 12;

/** Every group with its part of the total and its change; the name opens its charges, the funnel keeps only it. */
export function BreakdownTable({ costs, breakdown, by, series }: Props) {
  const [all, setAll] = useState(false);
  const { groups, total, other, currency } = breakdown;
  const isLong = groups.length > FEW + 4;
  const shown = all || !isLong ? groups : groups.slice(0, FEW);
  const colours = new Map(series.map(({ key, color }) => [key, color]));
  const rest = series.find(({ key }) => key === 'other')?.color;
  const columns: readonly Column<Group>[] = [
    {
      title: dimensionWords(by),
      cell: ({ value, name }) => (
        <span className={css['group']}>
          <i style={{ background: colours.get(keyOf(value)) ?? rest ?? 'var(--chart-8)' }} aria-hidden />
          <Link href={chargesOf(costs, by, value)} className={`name ${value === null ? css['nobody'] : ''}`}>
            {valueWords(by, value, name)}
          </Link>
        </span>
      ),
    },
    { title: 'Cost', number: true, cell: ({ total_cost }) => money(total_cost, currency) },
    { title: 'Share', cell: ({ total_cost }) => <Share value={total_cost} of={total.total_cost} /> },
    {
      title: 'Change',
      number: true,
      cell: ({ change, previous_cost, change_percent }) => (
        <Change change={change} percent={change_percent} isNew={previous_cost === 0} currency={currency} />
      ),
    },
    { title: 'Charges', number: true, cell: ({ record_count }) => count(record_count) },
    {
      title: 'Only this',
      quiet: true,
      tight: true,
      cell: ({ value, name }) => (
        <IconButton
          label={`Only ${valueWords(by, value, name)}`}
          onClick={() => costs.setFilters(narrowed(costs.filters, by, value))}
        >
          <Filter size={14} aria-hidden />
        </IconButton>
      ),
    },
  ];
  return (
    <>
      <Table
        label={`Cost by ${dimensionWords(by)}`}
        rows={shown}
        keyOf={({ value }) => keyOf(value)}
        columns={columns}
        foot={
          <>
            {other && (
              <tr>
                <td className={ui['hint']}>{count(other.groups)} others</td>
                <td className={ui['number']}>{money(other.total_cost, currency)}</td>
                <td />
                <td className={ui['number']}>{signedMoney(other.change, currency)}</td>
                <td className={ui['number']}>{count(other.record_count)}</td>
                <td />
              </tr>
            )}
            <tr className={css['total']}>
              <td>Total</td>
              <td className={ui['number']}>{money(total.total_cost, currency)}</td>
              <td />
              <td className={ui['number']}>{breakdown.compared ? signedMoney(total.change, currency) : NONE}</td>
              <td className={ui['number']}>{count(total.record_count)}</td>
              <td />
            </tr>
          </>
        }
      />
      {isLong && (
        <div className={css['more']}>
          <Button look="quiet" onClick={() => setAll(!all)}>
            {all ? `The first ${FEW} only` : `All ${count(groups.length)} groups`}
          </Button>
        </div>
      )}
    </>
  );
}

/** A part of a whole, as a bar and in percent; a credit has no part. */
export function Share({ value, of }: { readonly value: number; readonly of: number }) {
  const part = of > 0 && value >= 0 ? Math.min(1, value / of) : null;
  return (
    <span className={css['share']}>
      <span className={ui['barTrack']} aria-hidden>
        {part !== null && <span className={ui['barFill']} style={{ display: 'block', width: `${part * 100}%` }} />}
      </span>
      <span className={ui['number']}>{part === null ? NONE : percent(part * 100, 1)}</span>
    </span>
  );
}

interface ChangeProps {
  readonly change: number;
  readonly percent: number | null;
  readonly isNew: boolean;
  readonly currency: string;
}

function Change({ change, percent: part, isNew, currency }: ChangeProps) {
  if (change === 0) return <span className={css['soft']}>{NONE}</span>;
  return (
    <span className={change > 0 ? css['up'] : css['down']}>
      {signedMoney(change, currency)}{' '}
      <span className={css['changeShare']}>{isNew ? 'new' : signedPercent(part, 1)}</span>
    </span>
  );
}
