import { formatTime } from '../ui/time';
import css from './calendar.module.css';
import { addDays, beginOf, blocksOf, clockChange, mondayOf } from './calendar';
import type { Day } from './calendar';
import { ClockChange } from './month-view';
import { clock, spanWords } from './windows';
import type { Shown } from './windows';

interface Props {
  /** Any day of the week. */
  readonly on: Day;
  readonly today: Day;
  readonly zone: string;
  readonly nowMs: number;
  readonly openings: readonly Shown[];
  readonly onOpen: (window: number) => void;
}

const HOURS = [3, 6, 9, 12, 15, 18, 21];

/** A week by the clock of the zone, hour by hour. */
export function WeekView({ on, today, zone, nowMs, openings, onOpen }: Props) {
  const days = Array.from({ length: 7 }, (_, i) => addDays(mondayOf(on), i));
  return (
    <div className={css['weekBox']} tabIndex={0} role="region" aria-label="Week, by the hour">
      <div className={css['hours']}>
        <div className={css['hourNames']} aria-hidden>
          {HOURS.map((hour) => (
            <span key={hour} style={{ top: `${(hour / 24) * 100}%` }}>
              {formatTime(hour * 3_600_000, 'UTC', { timeStyle: 'short' })}
            </span>
          ))}
        </div>
        {days.map((day) => {
          const change = clockChange(day, zone);
          const sinceMidnight = Math.min(1, Math.max(0, (nowMs - beginOf(day, zone)) / 86_400_000));
          return (
            <div key={day} className={css['column']} data-today={day === today}>
              <div className={css['columnHead']}>
                {formatTime(`${day}T12:00:00Z`, 'UTC', { weekday: 'short', day: 'numeric', month: 'short' })}
                {change !== 0 && <ClockChange hours={change} />}
              </div>
              <div className={css['columnBody']}>
                {day === today && <i className={css['now']} style={{ top: `${sinceMidnight * 100}%` }} aria-hidden />}
                {blocksOf(openings, day, zone).map(({ opening, top, height, lane, lanes }) => (
                  <button
                    key={`${opening.window_id} ${opening.starts_at}`}
                    type="button"
                    className={css['block']}
                    style={{
                      top: `${top}%`,
                      height: `${height}%`,
                      left: `${(lane / lanes) * 100}%`,
                      width: `${100 / lanes}%`,
                    }}
                    title={`${opening.window.name}: ${spanWords(opening, zone)}`}
                    onClick={() => onOpen(opening.window_id)}
                  >
                    <bdi>{opening.window.name}</bdi>
                    <span className="visually-hidden">: {spanWords(opening, zone)}</span>
                    <time aria-hidden>
                      {clock(opening.starts_at, zone)} – {clock(opening.ends_at, zone)}
                    </time>
                  </button>
                ))}
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}
