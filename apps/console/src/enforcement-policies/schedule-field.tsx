import { useTenant } from '../data/tenant';
import { CheckField, Field, TextField } from '../ui/field';
import ui from '../ui/ui.module.css';
import type { Schedule } from './draft';
import css from './policies.module.css';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const ZONES: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone')];

interface Props {
  readonly schedule: Schedule | null;
  readonly onChange: (schedule: Schedule | null) => void;
  readonly error?: string | undefined;
}

/** Days and hours of a week by the wall clock of a zone; a span that ends before it begins ends on the next day. */
export function ScheduleField({ schedule, onChange, error }: Props) {
  const tenant = useTenant();
  const begin = (): Schedule => ({
    timezone: tenant?.timezone ?? 'UTC',
    active_hours: { start: '20:00', end: '06:00' },
    active_days: [1, 2, 3, 4, 5, 6, 7],
  });
  const overnight = schedule && schedule.active_hours.end <= schedule.active_hours.start;
  return (
    <div className={css['stack']} style={{ gap: 12 }}>
      <CheckField
        label="Only on some days or at some hours"
        hint={schedule ? undefined : 'Left out: always.'}
        checked={schedule !== null}
        onChange={(on) => onChange(on ? begin() : null)}
      />
      {schedule && (
        <>
          <fieldset className={css['days']}>
            <legend className="visually-hidden">Days</legend>
            {DAYS.map((name, i) => {
              const day = i + 1;
              const checked = schedule.active_days.includes(day);
              return (
                <label key={name} data-checked={checked}>
                  <input
                    type="checkbox"
                    checked={checked}
                    onChange={() => {
                      const days = checked
                        ? schedule.active_days.filter((one) => one !== day)
                        : [...schedule.active_days, day].sort((a, b) => a - b);
                      onChange({ ...schedule, active_days: days });
                    }}
                  />
                  {name}
                </label>
              );
            })}
          </fieldset>
          <div className={css['fields']}>
            <TextField
              label="From"
              type="time"
              value={schedule.active_hours.start}
              onChange={(start) => onChange({ ...schedule, active_hours: { ...schedule.active_hours, start } })}
            />
            <TextField
              label="Until"
              type="time"
              value={schedule.active_hours.end === '24:00' ? '00:00' : schedule.active_hours.end}
              hint={overnight && schedule.active_hours.end !== '00:00' ? 'On the next day.' : undefined}
              onChange={(end) =>
                onChange({
                  ...schedule,
                  active_hours: { ...schedule.active_hours, end: end === '00:00' ? '24:00' : end },
                })
              }
            />
            <Field label="Time zone">
              {(props) => (
                <select
                  className={ui['input']}
                  value={schedule.timezone}
                  onChange={(event) => onChange({ ...schedule, timezone: event.target.value })}
                  {...props}
                >
                  {[...new Set([schedule.timezone, tenant?.timezone ?? 'UTC', ...ZONES])].map((zone) => (
                    <option key={zone}>{zone}</option>
                  ))}
                </select>
              )}
            </Field>
          </div>
        </>
      )}
      {error !== undefined && <span className={ui['fault']}>{error}</span>}
    </div>
  );
}
