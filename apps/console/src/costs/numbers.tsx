import { ArrowDownRight, ArrowUpRight } from 'lucide-react';
import { api, useLoad } from '../data/api';
import { Link } from 'wouter';
import { NONE, count, money, percent, signedMoney, signedPercent } from '../ui/format';
import { Tiles } from '../ui/page';
import type { TileItem } from '../ui/page';
import { monthQuery } from './forecast-card';
import { chargesOf } from './overview';
import type { Breakdown, Costs, Summary } from './overview';
import { windowWords } from './cost-window';
import css from './costs.module.css';

interface Props {
  readonly costs: Costs;
  readonly breakdown: Breakdown;
  readonly summary: Summary | undefined;
}

/** The numbers that stand above everything; each leads to what is behind it. */
export function Numbers({ costs, breakdown, summary }: Props) {
  const { total, compared, currency } = breakdown;
  const ofMonth = monthQuery(costs.query);
  const forecast = useLoad(
    ['/api/costs', 'forecast', ofMonth],
    () => api.GET('/api/costs/forecast', { params: { query: ofMonth } }),
    { placeholderData: (before) => before, staleTime: 300_000 },
  ).data?.data;
  const teams = useLoad(
    ['/api/costs', 'tag-keys', costs.query],
    () => api.GET('/api/costs/tag-keys', { params: { query: costs.query } }),
    { placeholderData: (before) => before, staleTime: 60_000 },
  ).data?.data;
  const team = teams?.keys.find(({ tag_key }) => tag_key === 'team');
  const untagged = teams && team && teams.total_cost > 0 ? teams.total_cost - team.total_cost : undefined;
  // what is written as 0.0 % is neither good nor bad
  const rise = Math.abs(total.change_percent ?? 100) < 0.05 ? 0 : Math.sign(total.change);
  const items: TileItem[] = [
    {
      label: 'Total',
      value: money(total.total_cost, currency),
      note: `${windowWords(costs.window)} · ${count(total.record_count)} charges`,
      to: chargesOf(costs),
    },
    {
      label: 'Change',
      value: (
        <span className={rise > 0 ? css['up'] : rise < 0 ? css['down'] : undefined}>
          {rise > 0 && <ArrowUpRight size={20} aria-label="up" />}
          {rise < 0 && <ArrowDownRight size={20} aria-label="down" />}
          {compared ? signedPercent(total.change_percent) : NONE}
        </span>
      ),
      note: compared
        ? `${signedMoney(total.change, currency)} against the ${count(compared.days)} days before`
        : 'no day here is over yet',
    },
    {
      label: 'This month, expected',
      value: money(forecast?.projected, currency),
      note: forecast?.interval_80
        ? `${money(forecast.interval_80.low, currency)} to ${money(forecast.interval_80.high, currency)} with 80 %`
        : forecast
          ? 'too few days are known for a span'
          : ' ',
    },
    {
      label: 'Estimated',
      value: percent(total.total_cost === 0 ? null : (total.estimated_cost / total.total_cost) * 100, 1),
      note: `${money(total.estimated_cost, currency)} may still change`,
    },
    ...(untagged !== undefined
      ? [
          {
            label: 'Without a team tag',
            value: percent((untagged / teams!.total_cost) * 100, 1),
            note: `${money(untagged, currency)} belongs to nobody`,
            to: chargesOf(costs, 'tag:team', null),
          },
        ]
      : []),
  ];
  return (
    <>
      <Tiles items={items} />
      <Missing breakdown={breakdown} summary={summary} />
    </>
  );
}

/** What is in none of the numbers, and what mends it. */
function Missing({ breakdown, summary }: Omit<Props, 'costs'>) {
  const notes: string[] = [];
  for (const { currency, amount, record_count } of breakdown.unconverted) {
    notes.push(
      `${money(amount, currency)} in ${count(record_count)} ${record_count === 1 ? 'charge' : 'charges'} is in no total: nobody gave a rate for ${currency} on its day.`,
    );
  }
  if (summary && summary.unpriced_instances > 0) {
    notes.push(
      `${count(summary.unpriced_instances)} instances ran at a price that nobody knows: they were not metered.`,
    );
  }
  if (summary && summary.unknown_state_instances > 0) {
    notes.push(`Of ${count(summary.unknown_state_instances)} instances nobody knew for a time whether they ran.`);
  }
  if (notes.length === 0) return null;
  return (
    <ul className={css['missing']} aria-label="What is in none of the numbers">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
      {breakdown.unconverted.length > 0 && (
        <li>
          <Link href="/costs?tab=rules">Set a currency rate</Link>
        </li>
      )}
    </ul>
  );
}
