import { useMemo } from 'react';
import type { CSSProperties, MouseEvent } from 'react';
import { useLocation } from 'wouter';
import { useWidth } from './frame';
import { told } from '../ui/told';
import { fitting, shortened, squarified, withRest } from './tree-map-geometry';
import type { Cell } from './tree-map-geometry';
import css from './tree-map.module.css';

export interface TreeItem {
  readonly key: string;
  /** Any name; shown as text. */
  readonly label: string;
  readonly value: number;
  /** Against the period before, in percent; null: there was nothing before, undefined: not compared. */
  readonly change: number | null | undefined;
  /** Where the rows behind it are. */
  readonly to: string;
}

interface Props {
  /** What it shows, for people who do not see it. */
  readonly label: string;
  readonly items: readonly TreeItem[];
  /** What groups beyond these come to, and how many they are. */
  readonly other: { readonly value: number; readonly groups: number } | null;
  readonly format: (value: number) => string;
  readonly formatChange: (percent: number) => string;
  readonly height?: number;
}

/** The shorter side of what leads somewhere: a pointer and a finger hit it. */
const LEAST = 28;
/** A change of so many percent has the whole colour. */
const WHOLE = 50;

/** Areas by what they cost, coloured by how that changed; a sign and words say the same as the colour. */
export function TreeMap({ label, items, other, format, formatChange, height = 400 }: Props) {
  const [box, width] = useWidth();
  const drawn = useMemo(() => items.filter(({ value }) => value > 0).toSorted((a, b) => b.value - a.value), [items]);
  const beyond = Math.max(0, other?.value ?? 0);
  const { shown, rest, cells } = useMemo(() => {
    const values = drawn.map(({ value }) => value);
    const most = fitting(values, beyond, { width, height }, LEAST);
    const others = values.slice(most).reduce((sum, value) => sum + value, beyond);
    return {
      shown: drawn.slice(0, most),
      rest: others,
      cells: squarified(withRest(values.slice(0, most), others), { width, height }),
    };
  }, [drawn, beyond, width, height]);
  const folded = drawn.length - shown.length + (other?.groups ?? 0);
  const without = items.length - drawn.length;
  return (
    <div>
      <div ref={box} style={{ height }}>
        {width > 0 && (
          <svg width={width} height={height} className={css['map']} role="group" aria-label={label}>
            {shown.map((item, i) => (
              <Group key={item.key} item={item} cell={cells[i]!} format={format} formatChange={formatChange} />
            ))}
            {rest > 0 && <Rest cell={cells[shown.length]!} groups={folded} value={format(rest)} />}
          </svg>
        )}
      </div>
      <p className={css['legend']}>
        <span>Area: cost</span>
        <span>▲ more than before</span>
        <span>▼ less</span>
        <span>+ new</span>
        {without > 0 && <span>{without} without cost or with credits only: in the table</span>}
      </p>
    </div>
  );
}

/** How a cost changed: as a word for the colour, a sign, and a sentence. */
export function changeOf(change: number | null | undefined, words: (percent: number) => string) {
  if (change === undefined) return { kind: 'unknown', weight: 0, sign: '', said: 'not compared' } as const;
  if (change === null) return { kind: 'new', weight: 0, sign: '+ new', said: 'new' } as const;
  if (Math.abs(change) < 0.05) return { kind: 'same', weight: 0, sign: '= as before', said: 'as before' } as const;
  const weight = Math.min(1, Math.abs(change) / WHOLE);
  return change > 0
    ? ({ kind: 'up', weight, sign: `▲ ${words(change)}`, said: `${words(change)} against the period before` } as const)
    : ({
        kind: 'down',
        weight,
        sign: `▼ ${words(change)}`,
        said: `${words(change)} against the period before`,
      } as const);
}

interface GroupProps extends Pick<Props, 'format' | 'formatChange'> {
  readonly item: TreeItem;
  readonly cell: Cell;
}

function Group({ item, cell, format, formatChange }: GroupProps) {
  const [, go] = useLocation();
  const { kind, weight, sign, said } = changeOf(item.change, formatChange);
  const amount = format(item.value);
  const name = told(item.label);
  const open = (event: MouseEvent) => {
    // another tab or window, as with any link
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    go(item.to);
  };
  return (
    <a
      href={item.to}
      onClick={open}
      className={`${css['cell']} ${css['link']}`}
      data-change={kind}
      style={{ '--weight': weight } as CSSProperties}
    >
      {/* its name, too: an aria-label would have to hold the shortened words as they are drawn */}
      <title>{`${name}: ${amount}, ${said}`}</title>
      <rect x={cell.x} y={cell.y} width={cell.width} height={cell.height} />
      <Words cell={cell} name={name} amount={amount} sign={sign} />
    </a>
  );
}

const ROOM = 8;
const LETTER = 8;

function Words({ cell, name, amount, sign }: Record<'name' | 'amount' | 'sign', string> & { readonly cell: Cell }) {
  const inner = cell.width - 2 * ROOM;
  const x = cell.x + ROOM;
  const lines = Math.floor((cell.height - ROOM) / 17);
  const title = shortened(name, inner, LETTER);
  const fits = (text: string) => text.length * 7.4 <= inner;
  // the sign stands in every cell, as its first letter where there is no room for more
  const mark = fits(sign) ? sign : sign.slice(0, 1);
  const rows = [
    lines > 1 && title !== '' && { text: title, look: css['name'] },
    lines > 2 && fits(amount) && { text: amount, look: undefined },
    { text: mark, look: css['sign'] },
  ].filter((row) => row !== false);
  return rows.map(({ text, look }, i) => (
    <text key={i} x={x} y={cell.y + 19 + i * 17} className={look} aria-hidden>
      {text}
    </text>
  ));
}

function Rest({ cell, groups, value }: { readonly cell: Cell; readonly groups: number; readonly value: string }) {
  const name = `${groups} others`;
  return (
    <g className={css['cell']} data-change="unknown" role="img" aria-label={`${name}: ${value}, in the table`}>
      <title>{`${name}: ${value}`}</title>
      <rect x={cell.x} y={cell.y} width={cell.width} height={cell.height} />
      {Math.min(cell.width, cell.height) >= LEAST && <Words cell={cell} name={name} amount={value} sign="" />}
    </g>
  );
}
