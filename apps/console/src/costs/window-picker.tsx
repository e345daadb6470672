import { Popover } from '@base-ui/react/popover';
import { CalendarRange } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import kit from '../ui/kit.module.css';
import overlay from '../ui/overlay.module.css';
import { Choice } from '../ui/tabs';
import ui from '../ui/ui.module.css';
import { DEFAULT_PRESET } from './address';
import { PRESETS, givenWindow, windowWords } from './cost-window';
import type { CostWindow, Preset } from './cost-window';

interface Props {
  readonly window: CostWindow;
  readonly preset: Preset | '';
  readonly set: (params: Readonly<Record<string, string | null>>, push?: boolean) => void;
}

/** Days that money is looked at for: the usual ones side by side, any other by two dates. */
export function WindowPicker({ window, preset, set }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <div className={kit['range']}>
      <Choice<Preset | ''>
        label="Days"
        value={preset}
        options={PRESETS}
        onChange={(to) =>
          set({ range: to === DEFAULT_PRESET ? null : to, start_date: null, end_date: null, cursor: null })
        }
      />
      <Popover.Root open={open} onOpenChange={(to) => setOpen(to)}>
        <Popover.Trigger render={<Button />}>
          <CalendarRange size={15} aria-hidden />
          {preset === '' ? windowWords(window) : 'Other'}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Positioner sideOffset={6} align="end" style={{ zIndex: 30 }}>
            <Popover.Popup className={`${overlay['menu']} ${kit['popup']}`}>
              <Popover.Title render={<h2 />}>From day to day</Popover.Title>
              <Days
                key={`${window.start_date} ${window.end_date}`}
                window={window}
                onDays={({ start_date, end_date }) => {
                  set({ range: null, start_date, end_date, cursor: null }, true);
                  setOpen(false);
                }}
              />
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
    </div>
  );
}

function Days({ window, onDays }: { readonly window: CostWindow; readonly onDays: (window: CostWindow) => void }) {
  const [start, setStart] = useState(window.start_date);
  const [end, setEnd] = useState(window.end_date);
  const given = givenWindow(start, end);
  return (
    <form
      className={kit['rangeForm']}
      onSubmit={(event) => {
        event.preventDefault();
        if (given) onDays(given);
      }}
    >
      <TextField label="First day" type="date" required value={start} onChange={setStart} />
      <TextField label="Last day, included" type="date" required value={end} onChange={setEnd} />
      <span className={ui['hint']}>
        {given ? 'Days are UTC, as on a bill.' : 'The last day must not be before the first.'}
      </span>
      <Button type="submit" look="primary" disabled={!given}>
        Show these days
      </Button>
    </form>
  );
}
