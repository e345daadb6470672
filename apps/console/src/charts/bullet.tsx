import { bulletPlaces } from './bullet-geometry';
import type { BulletValues } from './bullet-geometry';
import css from './bullet.module.css';

interface Props {
  readonly values: BulletValues;
  /** The whole bar in a sentence, for people who do not see it. */
  readonly label: string;
  /** Higher, for a screen of its own. */
  readonly tall?: boolean;
}

/**
 * One number against its limit: what is spent, where an even pace would be, what it will come to with its intervals, and
 * the limit. The numbers themselves stand beside it in words; the bar shows how they lie.
 */
export function Bullet({ values, label, tall = false }: Props) {
  const places = bulletPlaces(values);
  const at = (left: number) => ({ left: `${left}%` });
  const span = ([left, width]: readonly [number, number]) => ({ left: `${left}%`, width: `${width}%` });
  const over = values.spent > values.limit || (values.limit === 0 && values.spent > 0);
  return (
    <div className={css['bullet']} data-tall={tall} role="img" aria-label={label}>
      <span className={css['track']} style={{ width: `${places.limit}%` }} />
      <span className={css['beyond']} style={{ left: `${places.limit}%` }} />
      {places.band95 && <span className={css['band95']} style={span(places.band95)} />}
      {places.band80 && <span className={css['band80']} style={span(places.band80)} />}
      <span className={css['spent']} data-over={over} style={{ width: `${places.spent}%` }} />
      {places.projected !== null && <span className={css['projected']} style={at(places.projected)} />}
      {places.expected !== null && <span className={css['expected']} style={at(places.expected)} />}
      {places.thresholds.map(({ at: left, percent, forecast }) => (
        <span
          key={`${percent} ${String(forecast)}`}
          className={css['threshold']}
          data-forecast={forecast}
          style={at(left)}
        />
      ))}
      <span className={css['limit']} style={at(places.limit)} />
    </div>
  );
}

/** What the marks of the bars mean; stands once above them. */
export function BulletLegend() {
  const marks: readonly (readonly [string, string])[] = [
    ['keySpent', 'Spent'],
    ['keyExpected', 'Even pace today'],
    ['keyProjected', 'Forecast'],
    ['keyBand80', '80 %'],
    ['keyBand95', '95 % interval'],
    ['keyLimit', 'Limit'],
    ['keyThreshold', 'Threshold'],
  ];
  return (
    <ul className={css['legend']} aria-label="Marks of the bars">
      {marks.map(([look, words]) => (
        <li key={look}>
          <span className={css[look]} aria-hidden /> {words}
        </li>
      ))}
    </ul>
  );
}
