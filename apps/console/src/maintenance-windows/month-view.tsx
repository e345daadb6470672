import css from './calendar.module.css';
import { clockChange, spansOf, weeksOf } from './calendar';
import type { Day } from './calendar';
import { clock, spanWords } from './windows';
import type { Shown } from './windows';

interface Props {
  /** Any day of the month. */
  readonly on: Day;
  readonly today: Day;
  readonly zone: string;
  readonly openings: readonly Shown[];
  readonly onOpen: (window: number) => void;
  /** undefined: nobody may make one */
  readonly onNew: ((day: Day) => void) | undefined;
}

const NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const LANES = 4;

/** A month in whole weeks; what lasts over days is one bar. */
export function MonthView({ on, today, zone, openings, onOpen, onNew }: Props) {
  return (
    <div className={css['month']}>
      <div className={css['names']} aria-hidden>
        {NAMES.map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      {weeksOf(on).map((week) => {
        const spans = spansOf(openings, week, zone);
        const hidden = (column: number) =>
          spans.filter((span) => span.lane >= LANES && span.column <= column && column < span.column + span.columns);
        return (
          <div key={week[0]} className={css['week']}>
            {week.map((day, column) => {
              const change = clockChange(day, zone);
              const more = hidden(column).length;
              return (
                <div
                  key={day}
                  className={css['day']}
                  data-today={day === today}
                  data-other={day.slice(0, 7) !== on.slice(0, 7)}
                  style={{ gridColumn: column + 1 }}
                >
                  <DayNumber day={day} today={day === today} onNew={onNew} />
                  {change !== 0 && <ClockChange hours={change} />}
                  {more > 0 && <span className={css['more']}>{more} more: see the week</span>}
                </div>
              );
            })}
            {spans
              .filter(({ lane }) => lane < LANES)
              .map(({ opening, column, columns, lane, before, after }) => (
                <button
                  key={`${opening.window_id} ${opening.starts_at}`}
                  type="button"
                  className={css['bar']}
                  data-before={before}
                  data-after={after}
                  data-quiet={!opening.window.suppress_alerts && !opening.window.suppress_enforcement}
                  style={{ gridColumn: `${column + 1} / span ${columns}`, gridRow: lane + 2 }}
                  title={`${opening.window.name}: ${spanWords(opening, zone)}`}
                  onClick={() => onOpen(opening.window_id)}
                >
                  {!before && <time aria-hidden>{clock(opening.starts_at, zone)}</time>}
                  <bdi>{opening.window.name}</bdi>
                  <span className="visually-hidden">: {spanWords(opening, zone)}</span>
                </button>
              ))}
          </div>
        );
      })}
    </div>
  );
}

interface NumberProps {
  readonly day: Day;
  readonly today: boolean;
  readonly onNew: Props['onNew'];
}

function DayNumber({ day, today, onNew }: NumberProps) {
  const number = Number(day.slice(8));
  if (!onNew) return <span className={css['dayNumber']}>{number}</span>;
  return (
    <button type="button" className={css['dayNumber']} title="New window on this day" onClick={() => onNew(day)}>
      {number}
      <span className="visually-hidden">
        : new window on {day}
        {today ? ', today' : ''}
      </span>
    </button>
  );
}

/** @param hours that the day has more than 24 */
export function ClockChange({ hours }: { readonly hours: number }) {
  return <span className={css['change']}>clocks go {hours > 0 ? `back ${hours} h` : `on ${-hours} h`}</span>;
}
