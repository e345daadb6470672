import { CheckField, NumberField, SelectField, TextField } from '../ui/field';
import { PLACES, ruleOf, WEEKDAYS, weekdayName, wordsOf } from './recurrence';
import type { Recurrence } from './recurrence';
import css from './sheet.module.css';

interface Props {
  readonly value: Recurrence;
  readonly error: string | undefined;
  readonly onChange: (value: Recurrence) => void;
}

const UNITS: Readonly<Record<string, string>> = { daily: 'days', weekly: 'weeks' };

/** How often it opens: in plain words where there are some, otherwise as an RRULE. */
export function RecurrenceFields({ value, error, onChange }: Props) {
  const set = (change: Partial<Recurrence>) => onChange({ ...value, ...change });
  const { kind } = value;
  const plain = kind !== 'once' && kind !== 'custom';
  return (
    <>
      <SelectField
        label="How often"
        hint={plain ? `${wordsOf(ruleOf(value))}: ${ruleOf(value)}` : undefined}
        error={kind === 'custom' ? undefined : error}
        value={kind}
        options={[
          ['once', 'once'],
          ['daily', 'on days'],
          ['weekly', 'on days of the week'],
          ['monthly', 'on a day of the month'],
          ['monthly_weekday', 'on a weekday of the month'],
          ['custom', 'as an RRULE says'],
        ]}
        onChange={(to) => set({ kind: to, ...(to === 'custom' && { text: ruleOf(value) ?? value.text }) })}
      />
      {kind === 'weekly' && (
        <fieldset className={css['days']}>
          <legend className="visually-hidden">Days of the week</legend>
          {WEEKDAYS.map((day) => (
            <CheckField
              key={day}
              label={weekdayName(day).slice(0, 3)}
              checked={value.days.includes(day)}
              onChange={(on) => set({ days: on ? [...value.days, day] : value.days.filter((one) => one !== day) })}
            />
          ))}
        </fieldset>
      )}
      {plain && (
        <div className={css['pair']}>
          {kind === 'monthly' && (
            <SelectField
              label="Day"
              value={String(value.monthDay)}
              options={[
                ...Array.from({ length: 31 }, (_, i) => [String(i + 1), String(i + 1)] as const),
                ['-1', 'the last day'],
              ]}
              onChange={(day) => set({ monthDay: Number(day) })}
            />
          )}
          {kind === 'monthly_weekday' && (
            <>
              <SelectField
                label="Which"
                value={String(value.place)}
                options={PLACES.map(([n, words]) => [String(n), words] as const)}
                onChange={(place) => set({ place: Number(place) })}
              />
              <SelectField
                label="Weekday"
                value={value.weekday}
                options={WEEKDAYS.map((day) => [day, weekdayName(day)] as const)}
                onChange={(weekday) => set({ weekday })}
              />
            </>
          )}
          <NumberField
            label="Every"
            unit={UNITS[kind] ?? 'months'}
            min={1}
            max={1_000}
            value={value.every}
            onChange={(every) => set({ every: every ?? 1 })}
          />
          <TextField
            label="Until"
            type="date"
            hint="Empty: for ever"
            value={value.until}
            onChange={(until) => set({ until })}
          />
        </div>
      )}
      {kind === 'custom' && (
        <TextField
          label="RRULE"
          hint="Of RFC 5545: FREQ=MONTHLY;BYDAY=-1FR"
          spellCheck={false}
          error={error}
          value={value.text}
          onChange={(text) => set({ text })}
        />
      )}
    </>
  );
}
