import { TreeMap } from '../charts/tree-map';
import { money, signedPercent } from '../ui/format';
import { Empty } from '../ui/states';
import { dimensionWords, valueWords } from './groups';
import { chargesOf } from './overview';
import type { Breakdown, Costs } from './overview';
import { keyOf } from './series';

interface Props {
  readonly costs: Costs;
  readonly breakdown: Breakdown;
  readonly by: string;
}

/** Each group as an area, with how it changed; the table below has the same numbers. */
export function CostMap({ costs, breakdown, by }: Props) {
  const { groups, other, currency, compared } = breakdown;
  if (!groups.some(({ total_cost }) => total_cost > 0)) {
    return (
      <Empty title="Only credits here">
        <p>An area is a cost above 0. The table below has the credits.</p>
      </Empty>
    );
  }
  return (
    <TreeMap
      label={`Cost by ${dimensionWords(by).toLowerCase()} as areas. The table below has the same numbers.`}
      items={groups.map(({ value, name, total_cost, previous_cost, change_percent }) => ({
        key: keyOf(value),
        label: valueWords(by, value, name),
        value: total_cost,
        change: compared ? (previous_cost === 0 ? null : (change_percent ?? undefined)) : undefined,
        to: chargesOf(costs, by, value),
      }))}
      other={other && { value: other.total_cost, groups: other.groups }}
      format={(value) => money(value, currency)}
      formatChange={(percent) => signedPercent(percent, Math.abs(percent) < 10 ? 1 : 0)}
    />
  );
}
