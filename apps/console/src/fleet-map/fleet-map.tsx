import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useLocation } from 'wouter';
import { cssColor, onTheme } from '../charts/theme';
import { count, money } from '../ui/format';
import type { Colouring } from './colours';
import { scaleOf } from './colours';
import { drawMap } from './draw';
import css from './fleet-map.module.css';
import { groupsOf, isShown } from './gpus';
import type { FleetAnswer, Group, GroupBy, Shown } from './gpus';
import { GpuCard, sentenceOfGpu } from './gpu-card';
import { cellAt, layoutOf, moved } from './layout';
import type { Direction } from './layout';

interface Props {
  readonly fleet: FleetAnswer;
  readonly by: GroupBy;
  readonly colouring: Colouring;
  readonly shown: Shown;
  /** Of each instance whether the filters let it through; undefined: all. The others are drawn faintly. */
  readonly fit?: readonly boolean[] | undefined;
}

/** The map is no taller than this as long as its cells can be smaller. */
const TALLEST = 460;
const KEYS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
};
const themeNow = () => (document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light');

/** Every GPU of the fleet on one canvas; the pointer or the arrow keys tell of one, Enter or a click open its instance. */
export function FleetMap({ fleet, by, colouring, shown, fit }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [theme, setTheme] = useState<'light' | 'dark'>(themeNow);
  const [at, setAt] = useState(-1);
  const [, go] = useLocation();
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => onTheme(() => setTheme(themeNow())), []);
  const groups = useMemo(() => groupsOf(fleet, by), [fleet, by]);
  const layout = useMemo(() => layoutOf(groups, width, TALLEST, by !== 'none'), [groups, width, by]);
  useEffect(() => {
    const node = canvas.current;
    const context = node?.getContext('2d');
    if (!node || !context || width === 0) return;
    const start = performance.now();
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const size = [Math.round(layout.width * ratio), Math.round(layout.height * ratio)] as const;
    // setting a size clears, and costs: only where it changed
    if (node.width !== size[0] || node.height !== size[1]) [node.width, node.height] = size;
    const scale = scaleOf(fleet, colouring, theme);
    const lit = Uint8Array.from(fleet.gpus.instance, (place, i) =>
      isShown(fleet, i, shown) && fit?.[place] !== false ? 1 : 0,
    );
    const colors = { outline: cssColor('--line-strong'), ink: cssColor('--surface'), bad: cssColor('--bad') };
    drawMap(context, { layout, fleet, scale, shown: lit, ...colors }, ratio);
    // how long it took, for whoever measures: the newest alone, so that nothing grows
    performance.clearMeasures('flotilla.fleet-map');
    performance.measure('flotilla.fleet-map', { start, detail: { gpus: layout.order.length } });
  }, [fleet, layout, colouring, shown, fit, theme, width]);

  const current = at >= 0 && at < layout.order.length ? layout.order[at]! : -1;
  const open = (gpu: number) => go(`/instances/${fleet.instances[fleet.gpus.instance[gpu]!]!.id}`);
  const pressed = (event: KeyboardEvent) => {
    const to = KEYS[event.key];
    if (to !== undefined && layout.order.length > 0) {
      event.preventDefault();
      setAt(at < 0 ? 0 : moved(layout, at, to));
    } else if (event.key === 'Enter' && current >= 0) open(current);
    else if (event.key === 'Escape') setAt(-1);
  };
  return (
    <div className={css['map']} ref={box} style={{ height: width === 0 ? 200 : layout.height }}>
      {by !== 'none' && layout.headings.map((one) => <GroupHeading key={one.group.name ?? ''} {...one} />)}
      <canvas
        ref={canvas}
        role="application"
        tabIndex={0}
        aria-label={`Map of ${count(layout.order.length)} GPUs. Arrow keys move, Enter opens the instance. The table below tells the same.`}
        aria-describedby="fleet-map-at"
        style={{ width: layout.width, height: layout.height, cursor: current >= 0 ? 'pointer' : 'default' }}
        onKeyDown={pressed}
        onBlur={() => setAt(-1)}
        onPointerMove={({ nativeEvent: { offsetX, offsetY } }) => setAt(cellAt(layout, offsetX, offsetY))}
        onPointerLeave={() => setAt(-1)}
        onClick={() => current >= 0 && open(current)}
      />
      {current >= 0 && (
        <span
          className={css['ring']}
          style={{ left: layout.x[at]! - 3, top: layout.y[at]! - 3, width: layout.cell + 6, height: layout.cell + 6 }}
          aria-hidden
        />
      )}
      {current >= 0 && (
        <GpuCard fleet={fleet} gpu={current} x={layout.x[at]!} y={layout.y[at]! + layout.cell} room={width} />
      )}
      <div id="fleet-map-at" className="visually-hidden" aria-live="polite">
        {current >= 0 && sentenceOfGpu(fleet, current)}
      </div>
    </div>
  );
}

function GroupHeading({
  group,
  x,
  y,
  width,
}: {
  readonly group: Group;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}) {
  const wasted = [...group.wasted].map(([currency, amount]) => money(amount, currency)).join(' + ');
  return (
    <div className={css['heading']} style={{ left: x, top: y, width }}>
      <h3 className="name" title={group.name ?? undefined}>
        {group.name ?? 'not given'}
      </h3>
      <span>
        {count(group.gpus)} GPUs, {count(group.busy)} busy{wasted && <b> · {wasted} a day idle</b>}
      </span>
    </div>
  );
}
