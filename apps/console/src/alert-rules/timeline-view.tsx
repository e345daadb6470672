import { useState } from 'react';
import { Link } from 'wouter';
import { Button } from '../ui/button';
import { count, duration } from '../ui/format';
import { toLocal } from '../ui/spans';
import { Table } from '../ui/table';
import { formatTime, Time, useZone } from '../ui/time';
import ui from '../ui/ui.module.css';
import css from './preview.module.css';
import { daysBetween, tracksOf } from './timeline';
import type { Firing, Track } from './timeline';

interface Props {
  readonly firings: readonly Firing[];
  /** ISO 8601 */
  readonly from: string;
  readonly to: string;
  /** How many there were; `firings` are the newest of them. */
  readonly total: number;
}

const SHOWN = 16;

/** A line for each instance, a bar for each time; the same as a table. */
export function Timeline({ firings, from, to, total }: Props) {
  const [table, setTable] = useState(false);
  const [all, setAll] = useState(false);
  const zone = useZone();
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const tracks = tracksOf(firings, fromMs, toMs);
  const shown = all ? tracks : tracks.slice(0, SHOWN);
  const days = daysBetween(fromMs, toMs, (ms) => toLocal(ms, zone).slice(0, 10));
  return (
    <>
      {table ? (
        <FiringTable firings={firings} />
      ) : (
        <div className={css['timeline']}>
          <div className={css['axis']} aria-hidden>
            {days
              .filter((_, i) => i % Math.ceil(days.length / 4) === 0)
              .map((ms) => (
                <span key={ms} style={{ left: `${((ms - fromMs) / (toMs - fromMs)) * 100}%` }}>
                  {formatTime(ms, zone, { weekday: 'short', day: 'numeric' })}
                </span>
              ))}
          </div>
          <ul>
            {shown.map((track) => (
              <TrackLine key={track.id} track={track} days={days} fromMs={fromMs} toMs={toMs} zone={zone} />
            ))}
          </ul>
        </div>
      )}
      <div className={css['foot']}>
        <span className={css['legend']}>
          <i data-notified="true" /> somebody is told <i data-notified="false" /> within the cooldown, nobody is told
        </span>
        <span className={css['grow']} />
        {!table && tracks.length > SHOWN && (
          <Button look="quiet" onClick={() => setAll(!all)}>
            {all ? 'Fewer instances' : `All ${count(tracks.length)} instances`}
          </Button>
        )}
        <Button look="quiet" onClick={() => setTable(!table)}>
          {table ? 'As a timeline' : 'As a table'}
        </Button>
      </div>
      {total > firings.length && (
        <p className={ui['hint']}>
          Drawn are the newest {count(firings.length)} of {count(total)} times.
        </p>
      )}
    </>
  );
}

interface LineProps {
  readonly track: Track;
  readonly days: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: string;
}

function TrackLine({ track, days, fromMs, toMs, zone }: LineProps) {
  const short = (iso: string) => formatTime(iso, zone, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <li>
      <span className={css['name']}>
        {track.id === null ? (
          track.name
        ) : (
          <Link href={`/instances/${track.id}`} className="name" title={track.name}>
            {track.name}
          </Link>
        )}
      </span>
      <span
        className={css['track']}
        role="img"
        aria-label={`${track.bars.length === 1 ? 'once' : `${track.bars.length} times`}, ${duration(track.minutes * 60)} in all`}
      >
        {days.map((ms) => (
          <i key={ms} style={{ left: `${((ms - fromMs) / (toMs - fromMs)) * 100}%` }} />
        ))}
        {track.bars.map(({ left, width, firing }) => (
          <b
            key={firing.from}
            data-notified={firing.notified}
            style={{ left: `${left}%`, width: `${width}%` }}
            title={`${short(firing.from)} – ${firing.to ? short(firing.to) : 'now'}: ${duration(firing.minutes * 60)}`}
          />
        ))}
      </span>
      <span className={css['times']}>
        {track.bars.length} × · {duration(track.minutes * 60)}
      </span>
    </li>
  );
}

const HALF_HOUR_MS = 1_800_000;
const chartOf = (id: number, { from, to }: Firing) => {
  const iso = (ms: number) => encodeURIComponent(new Date(ms).toISOString());
  const end = to === null ? Date.now() : Date.parse(to) + HALF_HOUR_MS;
  return `/instances/${id}?from=${iso(Date.parse(from) - HALF_HOUR_MS)}&to=${iso(end)}`;
};

function FiringTable({ firings }: { readonly firings: readonly Firing[] }) {
  const rows = firings.map((firing, i) => ({ ...firing, key: i })).slice(0, 200);
  return (
    <Table
      label="Each time that it would have fired"
      rows={rows}
      keyOf={({ key }) => key}
      columns={[
        {
          title: 'Instance',
          cell: (row) =>
            row.instance ? (
              <Link href={chartOf(row.instance.id, row)} className="name">
                {row.instance.name}
              </Link>
            ) : (
              'The whole tenant'
            ),
        },
        { title: 'From', tight: true, cell: (row) => <Time at={row.from} /> },
        { title: 'To', tight: true, cell: (row) => (row.to ? <Time at={row.to} /> : 'it goes on') },
        { title: 'Minutes', number: true, cell: (row) => count(row.minutes) },
        { title: 'Somebody is told', cell: (row) => (row.notified ? 'yes' : 'no: cooldown') },
      ]}
    />
  );
}
