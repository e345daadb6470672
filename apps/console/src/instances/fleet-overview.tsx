import { useSearchParams } from 'wouter';
import { Card, Tiles } from '../ui/page';
import { Choice } from '../ui/tabs';
import { Select } from '../ui/field';
import { NONE, count, money, percent } from '../ui/format';
import { Failed, Loading } from '../ui/states';
import { COLOURINGS, wordsOf } from '../fleet-map/colours';
import type { Colouring } from '../fleet-map/colours';
import { FleetMap } from '../fleet-map/fleet-map';
import map from '../fleet-map/fleet-map.module.css';
import { tagKeys } from '../fleet-map/gpus';
import type { FleetAnswer, GroupBy, Shown } from '../fleet-map/gpus';
import { MapLegend } from '../fleet-map/legend';

interface NumbersProps {
  readonly totals: FleetAnswer['totals'];
  readonly minutes: number;
  readonly shown: Shown;
}

/** The five numbers on top of the fleet; each shows its GPUs in the map and their instances in the table. */
export function FleetNumbers({ totals, minutes, shown }: NumbersProps) {
  const share = (part: number) => (totals.gpus === 0 ? NONE : percent((100 * part) / totals.gpus));
  const wasted = totals.wasted_per_day.map(({ amount, currency }) => money(Number(amount), currency));
  const [search] = useSearchParams();
  // what the map is grouped and coloured by, and the filters, stay as they are
  const to = (what: Shown) => {
    const next = new URLSearchParams(search);
    next.delete('page');
    if (what === shown || what === 'all') next.delete('show');
    else next.set('show', what);
    return next.size === 0 ? '/' : `/?${next.toString()}`;
  };
  const unwell = totals.unhealthy > 0 ? `${count(totals.unhealthy)} not healthy` : 'all healthy as far as reported';
  return (
    <Tiles
      items={[
        { label: 'GPUs', value: count(totals.gpus), note: unwell, to: to('all'), current: shown === 'all' },
        {
          label: 'Busy',
          value: count(totals.busy),
          note: share(totals.busy),
          tone: 'good',
          to: to('busy'),
          current: shown === 'busy',
        },
        {
          label: 'Held but idle',
          value: count(totals.held),
          tone: totals.held > 0 ? 'warn' : 'plain',
          note: `${share(totals.held)}, memory taken, quiet for ${minutes} min`,
          to: to('held'),
          current: shown === 'held',
        },
        {
          label: 'Idle',
          value: count(totals.idle),
          tone: totals.idle > 0 ? 'idle' : 'plain',
          note: `${share(totals.idle)}, empty and quiet for ${minutes} min`,
          to: to('idle'),
          current: shown === 'idle',
        },
        {
          label: 'Wasted a day',
          value: wasted.length === 0 ? money(0, 'USD', 0) : wasted.join(' + '),
          tone: wasted.length > 0 ? 'idle' : 'plain',
          note: totals.unpriced > 0 ? `and ${count(totals.unpriced)} GPUs without a price` : 'held and idle GPUs',
          to: to('wasted'),
          current: shown === 'wasted',
        },
      ]}
    />
  );
}

interface MapProps {
  readonly fleet: FleetAnswer;
  readonly shown: Shown;
  readonly fit: readonly boolean[] | undefined;
  readonly by: string;
  readonly colouring: string;
  readonly onChange: (change: { by?: string; colour?: string }) => void;
}

/** The map with what it is grouped and coloured by. */
export function FleetMapCard({ fleet, shown, fit, by, colouring, onChange }: MapProps) {
  const groups: readonly (readonly [string, string])[] = [
    ['none', 'Not grouped'],
    ...tagKeys(fleet)
      .slice(0, 40)
      .map((key) => [`tag:${key}`, `By tag ${key}`] as const),
    ['type', 'By instance type'],
    ['gpu', 'By GPU model'],
    ['region', 'By region'],
    ['provider', 'By provider'],
  ];
  const group = (groups.some(([value]) => value === by) ? by : 'none') as GroupBy;
  const colour = (COLOURINGS as readonly string[]).includes(colouring) ? (colouring as Colouring) : 'utilisation';
  return (
    <Card
      title="Every GPU"
      actions={
        <div className={map['controls']}>
          <Select label="Group the map" value={group} options={groups} onChange={(to) => onChange({ by: to })} />
          <Choice
            label="Colour of the map"
            value={colour}
            options={COLOURINGS.map((one) => [one, wordsOf(one)] as const)}
            onChange={(to) => onChange({ colour: to })}
          />
        </div>
      }
      padded
    >
      <div className={map['body']}>
        <FleetMap fleet={fleet} by={group} colouring={colour} shown={shown} fit={fit} />
        <MapLegend fleet={fleet} colouring={colour} />
      </div>
    </Card>
  );
}

export function FleetWaiting({ error, retry }: { readonly error: unknown; readonly retry: () => void }) {
  return error ? <Failed error={error} retry={retry} /> : <Loading lines={9} height={24} />;
}
