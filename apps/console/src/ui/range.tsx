import { Popover } from '@base-ui/react/popover';
import { CalendarRange } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useAddress } from './address';
import { Button } from './button';
import { TextField } from './field';
import kit from './kit.module.css';
import overlay from './overlay.module.css';
import { parseLocal, spanMs, toLocal } from './spans';
import { formatTime, useNow, useZone } from './time';
import ui from './ui.module.css';

/** A span of time: the last so much (it moves on), or from one moment to another. */
export interface Range {
  /** ISO 8601 */
  readonly from: string;
  readonly to: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** It ends now. */
  readonly isLive: boolean;
  /** As the person chose it: "24h", or empty for one from here to there. */
  readonly last: string;
}

const PRESETS: readonly (readonly [string, string])[] = [
  ['15m', '15 minutes'],
  ['1h', 'Hour'],
  ['6h', '6 hours'],
  ['24h', '24 hours'],
  ['7d', '7 days'],
  ['30d', '30 days'],
];

export interface RangeState {
  readonly range: Range;
  readonly setLast: (last: string) => void;
  /** Unix milliseconds. A step that "back" undoes. */
  readonly setSpan: (fromMs: number, toMs: number) => void;
}

/**
 * The span that a screen shows, in its address as `last` or as `from` and `to`.
 *
 * @param last what holds where the address says nothing, as "24h"
 * @param everyMs how often "now" moves on; 0: not by itself
 */
export function useRange(last = '24h', everyMs = 30_000): RangeState {
  const [address, set] = useAddress({ last, from: '', to: '' });
  const now = useNow(everyMs);
  return useMemo(() => {
    const fixed = [Date.parse(address.from), Date.parse(address.to)] as const;
    const isLive = !(fixed[0] < fixed[1]);
    const toMs = isLive ? now : fixed[1];
    const chosen = spanMs(address.last) === undefined ? last : address.last;
    const fromMs = isLive ? now - (spanMs(chosen) ?? 86_400_000) : fixed[0];
    const range = {
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      fromMs,
      toMs,
      isLive,
      last: isLive ? chosen : '',
    };
    return {
      range,
      setLast: (to) => set({ last: to, from: null, to: null }),
      setSpan: (from, to) =>
        set({ last: null, from: new Date(from).toISOString(), to: new Date(to).toISOString() }, { push: true }),
    };
  }, [address, last, now, set]);
}

interface PickerProps extends RangeState {
  /** Only these of the usual ones. */
  readonly presets?: readonly string[];
}

/** The usual spans side by side; any other from a small form, in the zone in which times are shown. */
export function RangePicker({ range, setLast, setSpan, presets }: PickerProps) {
  const zone = useZone();
  const shown = PRESETS.filter(([last]) => !presets || presets.includes(last));
  const short: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' };
  return (
    <div className={kit['range']} role="group" aria-label="Span of time">
      <div className={kit['choice']}>
        {shown.map(([last, words]) => (
          <label key={last} data-checked={range.last === last}>
            <input type="radio" name="span" checked={range.last === last} onChange={() => setLast(last)} />
            {words}
          </label>
        ))}
      </div>
      <Popover.Root>
        <Popover.Trigger render={<Button />}>
          <CalendarRange size={15} aria-hidden />
          {range.isLive ? 'Other' : `${formatTime(range.from, zone, short)} – ${formatTime(range.to, zone, short)}`}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Positioner sideOffset={6} align="end" style={{ zIndex: 30 }}>
            <Popover.Popup className={`${overlay['menu']} ${kit['popup']}`}>
              <Popover.Title render={<h2 />}>From, to</Popover.Title>
              <SpanForm key={`${range.from} ${zone}`} range={range} zone={zone} onSpan={setSpan} />
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
    </div>
  );
}

interface FormProps {
  readonly range: Range;
  readonly zone: string;
  readonly onSpan: (fromMs: number, toMs: number) => void;
}

function SpanForm({ range, zone, onSpan }: FormProps) {
  const [from, setFrom] = useState(() => toLocal(range.fromMs, zone));
  const [to, setTo] = useState(() => toLocal(range.toMs, zone));
  const [fromMs, toMs] = [parseLocal(from, zone), parseLocal(to, zone)];
  const wrong = fromMs === undefined || toMs === undefined || fromMs >= toMs;
  return (
    <form
      className={kit['rangeForm']}
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong) onSpan(fromMs, toMs);
      }}
    >
      <TextField label="From" type="datetime-local" step={1} value={from} onChange={setFrom} />
      <TextField label="To" type="datetime-local" step={1} value={to} onChange={setTo} />
      <span className={ui['hint']}>{wrong ? 'The end must be after the begin.' : `Times in ${zone}`}</span>
      <Button type="submit" look="primary" disabled={wrong}>
        Show this span
      </Button>
    </form>
  );
}
