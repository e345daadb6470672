import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { Badge } from '../../ui/badge';
import type { Tone } from '../../ui/badge';
import { Button } from '../../ui/button';
import { count, duration } from '../../ui/format';
import { Card } from '../../ui/page';
import { Choice } from '../../ui/tabs';
import { Table } from '../../ui/table';
import { Time, formatTime, useZone } from '../../ui/time';
import ui from '../../ui/ui.module.css';
import { amountsWords } from '../proof';
import type { Simulation } from '../proof';
import { daysBetween, grouped, placeIn } from './geometry';
import type { Episode } from './geometry';
import css from './simulation.module.css';

const OUTCOMES: Readonly<Record<Episode['outcome'], readonly [string, Tone]>> = {
  right: ['right', 'good'],
  false_stop: ['false stop', 'bad'],
  undecided: ['not decided yet', 'idle'],
};
const FIRST_ROWS = 20;

/** A row for each instance that triggered: when it would have been off, and where a trigger was kept back. */
export function Timeline({ found }: { readonly found: Simulation }) {
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useState<Episode | null>(null);
  const zone = useZone();
  const from = Date.parse(found.evaluated.from);
  const to = Date.parse(found.evaluated.to);
  const marks = useMemo(() => daysBetween(from, to, zone), [from, to, zone]);
  const rows = useMemo(() => rowsOf(found), [found]);
  const shown = all ? rows : rows.slice(0, FIRST_ROWS);
  const everyNth = Math.max(1, Math.ceil(marks.length / 8));
  return (
    <Card
      title="When it would have stopped what"
      hint={`${count(found.episodes.length)} of ${count(found.total_stops)} stops`}
      actions={
        <Choice
          label="How the stops are shown"
          value={view}
          options={[
            ['chart', 'Chart'],
            ['table', 'Table'],
          ]}
          onChange={setView}
        />
      }
    >
      {rows.length === 0 && (
        <p className={css['none']}>Nothing triggered in this time. A longer time or a lower bar shows more.</p>
      )}
      {view === 'table' && rows.length > 0 && <Episodes episodes={found.episodes} />}
      {view === 'chart' && rows.length > 0 && (
        <div className={css['timeline']}>
          <ul className={css['legend']} aria-label="What the colours mean">
            {Object.entries(OUTCOMES).map(([outcome, [words]]) => (
              <li key={outcome} data-outcome={outcome}>
                {words}
              </li>
            ))}
            <li data-outcome="kept">trigger kept back</li>
          </ul>
          <div className={css['axis']} aria-hidden>
            {marks.map(({ at, place }, i) => (
              <span key={at} style={{ left: `${place * 100}%` }} data-named={i % everyNth === 0}>
                {i % everyNth === 0 && formatTime(at, zone, { weekday: 'short', day: 'numeric', month: 'short' })}
              </span>
            ))}
          </div>
          {shown.map(({ instance, episodes, kept }) => (
            <div key={instance.instance_number} className={css['lane']}>
              <Link href={`/instances/${instance.instance_number}`} className={`${css['laneName']} name`}>
                {instance.name}
              </Link>
              <span className={css['track']}>
                {marks.map(({ at, place }) => (
                  <i key={at} className={css['day']} style={{ left: `${place * 100}%` }} />
                ))}
                {kept.map((at) => (
                  <i
                    key={at}
                    className={css['kept']}
                    style={{ left: `${placeIn(at, from, to) * 100}%` }}
                    title={`Triggered ${formatTime(at, zone)}, kept back`}
                  />
                ))}
                {episodes.map((one) => {
                  const left = placeIn(one.stopped_at, from, to);
                  const width = placeIn(one.off_until, from, to) - left;
                  return (
                    // the table holds the same for the keyboard
                    <button
                      key={one.stopped_at}
                      type="button"
                      tabIndex={-1}
                      className={css['episode']}
                      data-outcome={one.outcome}
                      data-chosen={one === chosen}
                      style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
                      aria-label={`${instance.name}: off ${formatTime(one.stopped_at, zone)}, ${OUTCOMES[one.outcome][0]}`}
                      title={`${formatTime(one.stopped_at, zone)}: off for ${offFor(one)}, ${OUTCOMES[one.outcome][0]}, ${amountsWords(one.avoidable)}`}
                      onClick={() => setChosen(one === chosen ? null : one)}
                    />
                  );
                })}
              </span>
              <span className={css['laneSum']}>{amountsWords(instance.avoidable)}</span>
            </div>
          ))}
          {rows.length > FIRST_ROWS && (
            <Button look="quiet" onClick={() => setAll(!all)}>
              {all ? `Only the first ${FIRST_ROWS}` : `All ${count(rows.length)} instances`}
            </Button>
          )}
          {chosen && <Chosen episode={chosen} />}
        </div>
      )}
    </Card>
  );
}

const offFor = (one: Episode) => duration((Date.parse(one.off_until) - Date.parse(one.stopped_at)) / 1000);

/** One stop that would have been, in words. */
function Chosen({ episode }: { readonly episode: Episode }) {
  const [words, tone] = OUTCOMES[episode.outcome];
  return (
    <p className={css['chosen']} aria-live="polite">
      <b className="name">{episode.name}</b> <Badge tone={tone}>{words}</Badge>
      <span>
        Stopped <Time at={episode.stopped_at} />, off for {offFor(episode)}
        {episode.busy_again_at && (
          <>
            , busy again <Time at={episode.busy_again_at} />
          </>
        )}
        , {amountsWords(episode.avoidable)} avoidable.
      </span>
      <Link href={chartsOf(episode)}>Its charts at that time</Link>
    </p>
  );
}

/** An hour before and after, where there is something to see. */
function chartsOf({ instance_number: id, stopped_at: at, off_until: until }: Episode): string {
  const hour = 3_600_000;
  const from = new Date(Date.parse(at) - 2 * hour).toISOString();
  const to = new Date(Date.parse(until) + hour).toISOString();
  return `/instances/${id}?from=${from}&to=${to}`;
}

function Episodes({ episodes }: { readonly episodes: readonly Episode[] }) {
  return (
    <Table
      label="Stops that would have been"
      rows={[...episodes].reverse().slice(0, 500)}
      keyOf={(row) => `${row.instance_number} ${row.stopped_at}`}
      columns={[
        { title: 'Instance', cell: (row) => <Link href={chartsOf(row)}>{<bdi>{row.name}</bdi>}</Link> },
        { title: 'Stopped', tight: true, cell: (row) => <Time at={row.stopped_at} /> },
        { title: 'Off for', number: true, cell: offFor },
        { title: 'Busy again', tight: true, cell: (row) => <Time at={row.busy_again_at} /> },
        {
          title: 'Outcome',
          cell: (row) => <Badge tone={OUTCOMES[row.outcome][1]}>{OUTCOMES[row.outcome][0]}</Badge>,
        },
        { title: 'Avoidable', number: true, cell: (row) => amountsWords(row.avoidable) },
      ]}
      foot={
        episodes.length === 0 && (
          <tr>
            <td colSpan={6} className={ui['hint']}>
              Each trigger was kept back.
            </td>
          </tr>
        )
      }
    />
  );
}

/** Those that would have been stopped first, then those that were kept back. */
function rowsOf(found: Simulation) {
  const episodes = grouped(found.episodes, (one) => one.instance_id);
  const triggers = grouped(found.triggers, (one) => one.instance_id ?? '');
  return found.instances
    .map((instance) => {
      const own = episodes.get(instance.instance_id) ?? [];
      const off = own.map((one) => [Date.parse(one.stopped_at) - 60_000, Date.parse(one.off_until)] as const);
      const kept = (triggers.get(instance.instance_id) ?? [])
        .map(({ timestamp }) => timestamp)
        // while it is off it can trigger and not be stopped again
        .filter((at) => !off.some(([begin, end]) => Date.parse(at) >= begin && Date.parse(at) < end));
      return { instance, episodes: own, kept };
    })
    .sort((a, b) => b.episodes.length - a.episodes.length);
}
