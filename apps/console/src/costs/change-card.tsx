import { Bars } from '../charts/bars';
import { count, money, percent, signedMoney, signedPercent } from '../ui/format';
import { Card } from '../ui/page';
import { Empty } from '../ui/states';
import { dayWords } from './cost-window';
import css from './costs.module.css';
import { explain } from './explain';
import type { Contribution } from './explain';
import { dimensionWords, valueWords } from './groups';
import { chargesOf } from './overview';
import type { Breakdown, Costs } from './overview';

interface Props {
  readonly costs: Costs;
  readonly breakdown: Breakdown;
  readonly by: string;
}

/** Why the total changed: the groups that moved most, each with what is behind it. */
export function ChangeCard({ costs, breakdown, by }: Props) {
  const { compared, total, currency, groups, other } = breakdown;
  if (!compared) {
    return (
      <Card title="What changed">
        <Empty title="No day here is over yet">
          <p>Today is compared with nothing until it is whole. Look at more days to see what changed.</p>
        </Empty>
      </Card>
    );
  }
  const { main, rest, drivers } = explain(groups, other, 7);
  const of = (one: Contribution) => valueWords(by, one.value, one.name);
  const explained = drivers.reduce((sum, { change }) => sum + change, 0);
  const items = [
    ...main.map((one) => ({
      key: one.value ?? ' ',
      label: of(one),
      value: one.change,
      note: noteOf(one, currency),
      to: chargesOf(costs, by, one.value),
    })),
    ...(rest ? [{ key: '  ', label: `${count(rest.groups)} others`, value: rest.change }] : []),
  ];
  return (
    <Card title="What changed" hint={`by ${dimensionWords(by)}`} padded>
      <div className={css['stack']}>
        <p className={css['sentence']}>
          {total.change === 0 ? (
            <>As much as in the {count(compared.days)} days before.</>
          ) : (
            <>
              <b>
                {money(Math.abs(total.change), currency)} {total.change > 0 ? 'more' : 'less'}
              </b>{' '}
              than in the {count(compared.days)} days before
              {total.change_percent !== null && ` (${signedPercent(total.change_percent)})`}.{' '}
              {drivers.length > 0 && (
                <>
                  Mostly{' '}
                  {drivers.map((one, i) => (
                    <span key={one.value ?? ' '}>
                      {i > 0 && (i === drivers.length - 1 ? ' and ' : ', ')}
                      <bdi>{of(one)}</bdi>
                    </span>
                  ))}
                  : {signedMoney(explained, currency)}.
                </>
              )}
            </>
          )}
        </p>
        <div className={css['ends']}>
          <span>
            {dayWords(compared.previous_start_date)} – {dayWords(compared.previous_end_date)}
          </span>
          <b>{money(total.previous_cost, currency)}</b>
        </div>
        <Bars
          label={`Changes by ${dimensionWords(by)}`}
          signed
          items={items}
          format={(value) => signedMoney(value, currency)}
        />
        <div className={css['ends']}>
          <span>
            {dayWords(compared.start_date)} – {dayWords(compared.end_date)}, today left out
          </span>
          <b>{money(total.current_cost, currency)}</b>
        </div>
      </div>
    </Card>
  );
}

/** What is behind one change, in a few words. */
function noteOf({ kind, byUse, byPrice, usage, previous_cost, change }: Contribution, currency: string): string {
  if (kind === 'new') return 'new';
  if (kind === 'gone') return 'gone';
  const share = previous_cost === 0 ? '' : signedPercent((change / Math.abs(previous_cost)) * 100, 0);
  if (byUse === null || byPrice === null || usage === null) return share;
  const used = usage.current / usage.previous - 1;
  const isUse = Math.abs(byUse) >= Math.abs(byPrice);
  if (isUse) return `${share} · ${percent(Math.abs(used) * 100, 0)} ${used > 0 ? 'more' : 'less'} use`;
  return `${share} · ${byPrice > 0 ? 'dearer' : 'cheaper'} by the ${usage.unit.replace(/s$/, '').toLowerCase()}: ${signedMoney(byPrice, currency)}`;
}
