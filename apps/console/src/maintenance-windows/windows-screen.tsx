import { ChevronLeft, ChevronRight, MoonStar, Plus } from 'lucide-react';
import { useScreenKeys } from '../app/keys';
import { useMay } from '../data/role';
import { useTenant } from '../data/tenant';
import { useAddress } from '../ui/address';
import { Button, IconButton } from '../ui/button';
import { Card, PageHead } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Choice } from '../ui/tabs';
import { formatTime, useNow, useZone } from '../ui/time';
import ui from '../ui/ui.module.css';
import css from './calendar.module.css';
import { addDays, addMonths, beginOf, dayOf, isDay, mondayOf, weeksOf } from './calendar';
import { MonthView } from './month-view';
import { WeekView } from './week-view';
import { WindowSheet } from './window-sheet';
import { spanWords, useOpenings, useWindows } from './windows';
import { WindowsTable } from './windows-table';

type View = 'month' | 'week' | 'list';
const DEFAULTS = { view: 'month', on: '', window: '', day: '' };

/** When alerts and policies keep still. The address holds the view, the day and the window that is open beside it. */
export default function WindowsScreen() {
  const [address, set] = useAddress(DEFAULTS);
  const zone = useZone();
  const nowMs = useNow(30_000);
  const today = dayOf(nowMs, zone);
  const on = isDay(address.on) ? address.on : today;
  const view: View = address.view === 'week' || address.view === 'list' ? address.view : 'month';
  const may = useMay('admin');
  const simulated = useTenant()?.simulated ?? false;
  const windows = useWindows();
  const days = view === 'week' ? [mondayOf(on), addDays(mondayOf(on), 7)] : monthOf(on);
  const openings = useOpenings(beginOf(days[0]!, zone), beginOf(days[1]!, zone));
  const all = windows.data?.data ?? [];
  const shown = (openings.data?.data.openings ?? []).flatMap((one) => {
    const window = all.find(({ id }) => id === one.window_id);
    return window ? [{ ...one, window }] : [];
  });
  const go = (steps: number) => {
    const to = view === 'week' ? addDays(on, 7 * steps) : addMonths(on, steps);
    set({ on: to === today ? null : to });
  };
  const open = (id: number) => set({ window: String(id), day: null }, { push: true });
  const make = (day: string) => set({ window: 'new', day }, { push: true });
  useScreenKeys('Maintenance windows', [
    { key: 'j', what: 'The next month or week', run: () => go(1) },
    { key: 'k', what: 'The month or week before', run: () => go(-1) },
    { key: 't', what: 'Today', run: () => set({ on: null }) },
    { key: '1', what: 'Month', run: () => set({ view: 'month' }) },
    { key: '2', what: 'Week', run: () => set({ view: 'week' }) },
    { key: '3', what: 'List', run: () => set({ view: 'list' }) },
    ...(may ? [{ key: 'c', what: 'New window', run: () => make(on) }] : []),
  ]);
  const active = all.filter((one) => one.active);
  const title =
    view === 'week'
      ? `Week of ${formatTime(`${mondayOf(on)}T12:00:00Z`, 'UTC', { day: 'numeric', month: 'long', year: 'numeric' })}`
      : formatTime(`${on}T12:00:00Z`, 'UTC', { month: 'long', year: 'numeric' });
  return (
    <>
      <PageHead title="Maintenance windows" simulated={simulated}>
        {may && (
          <Button look="primary" onClick={() => make(today)}>
            <Plus size={15} aria-hidden /> New window
          </Button>
        )}
      </PageHead>
      <div aria-live="polite">
        {active.map((one) => (
          <p key={one.id} className={css['active']}>
            <MoonStar size={16} aria-hidden />
            <span>
              Open now:{' '}
              <button type="button" className={css['nameButton']} onClick={() => open(one.id)}>
                <bdi className="name">{one.name}</bdi>
              </button>
              , {one.current && spanWords(one.current, zone)}
            </span>
          </p>
        ))}
      </div>
      <div className={css['bar0']}>
        {view !== 'list' && (
          <>
            <IconButton label={view === 'week' ? 'The week before' : 'The month before'} onClick={() => go(-1)}>
              <ChevronLeft size={18} aria-hidden />
            </IconButton>
            <IconButton label={view === 'week' ? 'The next week' : 'The next month'} onClick={() => go(1)}>
              <ChevronRight size={18} aria-hidden />
            </IconButton>
            <Button onClick={() => set({ on: null })}>Today</Button>
            <h2 className={css['span']}>{title}</h2>
          </>
        )}
        <span className={css['grow']} />
        <span className={ui['hint']}>Times in {zone}</span>
        <Choice
          label="How windows are shown"
          value={view}
          options={[
            ['month', 'Month'],
            ['week', 'Week'],
            ['list', 'List'],
          ]}
          onChange={(to) => set({ view: to })}
        />
      </div>
      <Card>
        {(windows.isPending || openings.isPending) && <Loading lines={8} height={40} />}
        {windows.isError && <Failed error={windows.error} retry={() => void windows.refetch()} />}
        {openings.isError && <Failed error={openings.error} retry={() => void openings.refetch()} />}
        {windows.isSuccess && view === 'list' && all.length === 0 && (
          <Empty title="No window yet">
            <p>While a window is open, alerts about what it covers are recorded and nobody is told; policies wait.</p>
            {may && <Button onClick={() => make(today)}>Make a window</Button>}
          </Empty>
        )}
        {windows.isSuccess && view === 'list' && all.length > 0 && <WindowsTable windows={all} onOpen={open} />}
        {windows.isSuccess && openings.isSuccess && view === 'month' && (
          <MonthView {...{ on, today, zone }} openings={shown} onOpen={open} onNew={may ? make : undefined} />
        )}
        {windows.isSuccess && openings.isSuccess && view === 'week' && (
          <WeekView {...{ on, today, zone, nowMs }} openings={shown} onOpen={open} />
        )}
      </Card>
      {openings.data?.data.truncated && (
        <p className={ui['hint']}>A window opens more than 500 times in this span: the later openings are not drawn.</p>
      )}
      {address.window !== '' && (address.window === 'new' || windows.isSuccess) && (
        <WindowSheet
          key={`${address.window} ${address.day}`}
          window={all.find(({ id }) => String(id) === address.window)}
          day={isDay(address.day) ? address.day : on}
          onClose={() => set({ window: null, day: null })}
        />
      )}
    </>
  );
}

/** First day of the first week, and first day after the last. */
function monthOf(on: string): [string, string] {
  const weeks = weeksOf(on);
  return [weeks[0]![0]!, addDays(weeks.at(-1)!.at(-1)!, 1)];
}
