import { Popover } from '@base-ui/react/popover';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, RefObject } from 'react';
import { Link } from 'wouter';
import overlay from '../ui/overlay.module.css';
import { duration } from '../ui/format';
import { momentWords } from './axis';
import css from './charts.module.css';
import { groupWords, layoutMarks } from './marks';
import type { Mark, MarkGroup } from './marks';
import { AXIS_PX, RIGHT_PX } from './plot-options';
import type { Span } from './series';

interface Props {
  readonly marks: readonly Mark[];
  readonly span: Span;
  readonly zone: string;
  readonly onZoom?: ((fromMs: number, toMs: number) => void) | undefined;
}

/** What happened, over the plot and on its axis of time. One stop of Tab; arrows go from mark to mark, Enter opens one. */
export const MarkLane = memo(function MarkLane({ marks, span, zone, onZoom }: Props) {
  const lane = useRef<HTMLUListElement>(null);
  const width = useWidth(lane);
  const groups = useMemo(() => layoutMarks(marks, span, width), [marks, span, width]);
  const [focused, setFocused] = useState(0);
  const stop = Math.min(focused, groups.length - 1);
  const keys = (event: KeyboardEvent, from: number) => {
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: groups.length - 1 }[event.key];
    if (to === undefined || !groups[to]) return;
    event.preventDefault();
    setFocused(to);
    lane.current?.querySelectorAll('button')[to]?.focus();
  };
  return (
    <ul ref={lane} className={css['lane']} style={{ marginLeft: AXIS_PX, marginRight: RIGHT_PX }} aria-label="Marks">
      {groups.map((group, i) => (
        <li key={group.marks[0]!.id}>
          {group.end > group.begin && (
            <span
              className={css['laneSpan']}
              data-tone={group.tone}
              style={{ left: `${group.begin * 100}%`, width: `${(group.end - group.begin) * 100}%` }}
              aria-hidden
            />
          )}
          <Popover.Root>
            <Popover.Trigger
              openOnHover
              delay={120}
              className={css['mark']}
              data-tone={group.tone}
              style={{ left: `${group.at * 100}%` }}
              aria-label={groupWords(group)}
              tabIndex={i === stop ? 0 : -1}
              onKeyDown={(event) => keys(event, i)}
              onFocus={() => setFocused(i)}
            >
              <span>{group.marks.length > 1 ? group.marks.length : ''}</span>
            </Popover.Trigger>
            <Popover.Portal>
              <Popover.Positioner sideOffset={4} className={css['over']}>
                <Popover.Popup className={`${overlay['menu']} ${css['marks']}`}>
                  <Inside group={group} zone={zone} />
                  {onZoom && (
                    <button type="button" className={css['zoom']} onClick={() => zoomTo(group, span, onZoom)}>
                      Zoom to it
                    </button>
                  )}
                </Popover.Popup>
              </Popover.Positioner>
            </Popover.Portal>
          </Popover.Root>
        </li>
      ))}
    </ul>
  );
});

/** More than these are told by their number. */
const MOST = 12;

function Inside({ group: { marks }, zone }: { readonly group: MarkGroup; readonly zone: string }) {
  return (
    <>
      <ul>
        {marks.slice(0, MOST).map(({ id, at, to, label, href, tone = 'plain' }) => (
          <li key={id} data-tone={tone}>
            <span className={css['markTime']}>
              {momentWords(at, 1_000, zone)}
              {to !== undefined && ` · ${Number.isFinite(to) ? duration((to - at) / 1000) : 'still'}`}
            </span>
            {href === undefined ? <bdi>{label}</bdi> : <Link href={href}>{label}</Link>}
          </li>
        ))}
      </ul>
      {marks.length > MOST && <p className={css['markTime']}>and {marks.length - MOST} more: zoom in to see them</p>}
    </>
  );
}

/** A mark with a little room around it; a moment with two minutes. */
function zoomTo({ marks }: MarkGroup, span: Span, onZoom: (fromMs: number, toMs: number) => void): void {
  const from = Math.max(span.fromMs, marks[0]!.at);
  const to = Math.min(span.toMs, Math.max(...marks.map((mark) => mark.to ?? mark.at)));
  const room = Math.max(60_000, (to - from) * 0.25);
  onZoom(Math.round(from - room), Math.round(to + room));
}

function useWidth(ref: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const sizes = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    if (ref.current) sizes.observe(ref.current);
    return () => sizes.disconnect();
  }, [ref]);
  return width;
}
