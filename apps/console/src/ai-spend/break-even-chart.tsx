import { useState } from 'react';
import { ChartTable, useWidth } from '../charts/frame';
import { scaleOf } from '../charts/scale';
import css from '../charts/stacked-bars.module.css';
import { NONE, money, percent, shortMoney } from '../ui/format';
import { apart, ownCostAt, ownCurve } from './break-even';

interface Api {
  readonly name: string;
  readonly perMillion: number;
  /** Useful share at which own GPUs cost the same; over 1: never; null: not known. */
  readonly even: number | null;
}

interface Props {
  readonly label: string;
  /** What a million own tokens costs at the share that was measured. */
  readonly now: number;
  /** That share, 0 to 1. */
  readonly at: number;
  readonly apis: readonly Api[];
  readonly currency: string;
}

const [LEFT, RIGHT, TOP, BOTTOM, HEIGHT] = [52, 14, 14, 40, 300];
const COLOURS = ['var(--chart-2)', 'var(--chart-3)', 'var(--chart-4)', 'var(--chart-6)', 'var(--chart-5)'];
const SHARES = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** The cost of a million tokens by load: own GPUs fall with it, an API stays. Where they cross is the break-even. */
export function BreakEvenChart({ label, now, at, apis, currency }: Props) {
  const [box, width] = useWidth();
  const [asTable, setAsTable] = useState(false);
  // what matters is where the lines cross: the far left, where own GPUs cost without end, is left out
  const top = Math.max(now * 1.15, ...apis.map(({ perMillion }) => perMillion * 1.3));
  const from = Math.min(1, Math.max(0.01, (now * at) / top));
  const scale = scaleOf([top], 5);
  const x = (share: number) => LEFT + share * Math.max(1, width - LEFT - RIGHT);
  const y = (value: number) => TOP + (1 - scale.at(value)) * (HEIGHT - TOP - BOTTOM);
  const labels = apart(
    apis.map(({ perMillion }) => y(perMillion) - 5),
    14,
  );
  const curve = ownCurve(now, at, from, 1);
  const amount = (value: number) => money(value, currency, 2);
  return (
    <figure className={css['figure']} aria-label={label}>
      <ChartTable
        label={label}
        asTable={asTable}
        onAsTable={setAsTable}
        head={['Useful share', 'Own GPUs', ...apis.map(({ name }) => name)]}
        rows={() =>
          [...SHARES, at, ...apis.flatMap(({ even }) => (even !== null && even <= 1 ? [even] : []))]
            .sort((a, b) => a - b)
            .map((share) => [
              `${percent(share * 100, 1)}${share === at ? ' (measured)' : apis.some(({ even }) => even === share) ? ' (break-even)' : ''}`,
              share === 0 ? NONE : amount(ownCostAt(share, now, at)),
              ...apis.map(({ perMillion }) => amount(perMillion)),
            ])
        }
      >
        <div ref={box} className={css['plot']} style={{ height: HEIGHT }}>
          {width > 0 && (
            <svg
              width={width}
              height={HEIGHT}
              role="img"
              aria-label={`${label}. The button “As a table” shows the numbers.`}
            >
              {scale.ticks.map((tick) => (
                <g key={tick}>
                  <line
                    x1={LEFT}
                    x2={width - RIGHT}
                    y1={y(tick)}
                    y2={y(tick)}
                    className={tick === 0 ? css['zero'] : css['grid']}
                  />
                  <text x={LEFT - 8} y={y(tick)} dy="0.32em" textAnchor="end" className={css['axis']}>
                    {shortMoney(tick, currency)}
                  </text>
                </g>
              ))}
              {[0, 0.25, 0.5, 0.75, 1].map((share) => (
                <text
                  key={share}
                  x={x(share)}
                  y={HEIGHT - 24}
                  textAnchor={share === 1 ? 'end' : 'middle'}
                  className={css['axis']}
                >
                  {percent(share * 100)}
                </text>
              ))}
              <text x={(LEFT + width - RIGHT) / 2} y={HEIGHT - 6} textAnchor="middle" className={css['axis']}>
                useful share of the GPUs’ time
              </text>
              {apis.map(({ name, perMillion, even }, i) => (
                <g key={name}>
                  <line
                    x1={LEFT}
                    x2={width - RIGHT}
                    y1={y(perMillion)}
                    y2={y(perMillion)}
                    stroke={COLOURS[i % COLOURS.length]}
                    strokeWidth="1.5"
                    strokeDasharray="6 4"
                  />
                  <text x={width - RIGHT} y={labels[i]} textAnchor="end" className={css['haloed']}>
                    {clipped(name, width < 420 ? 18 : 40)} {amount(perMillion)}
                  </text>
                  {even !== null && even <= 1 && (
                    <>
                      <line
                        x1={x(even)}
                        x2={x(even)}
                        y1={y(perMillion)}
                        y2={y(0)}
                        stroke={COLOURS[i % COLOURS.length]}
                        strokeDasharray="2 3"
                      />
                      <circle
                        cx={x(even)}
                        cy={y(perMillion)}
                        r="4.5"
                        fill="var(--surface)"
                        stroke={COLOURS[i % COLOURS.length]}
                        strokeWidth="2"
                      />
                    </>
                  )}
                </g>
              ))}
              <polyline
                points={curve.map(([share, cost]) => `${x(share)},${y(cost)}`).join(' ')}
                className={css['known']}
              />
              <circle cx={x(at)} cy={y(now)} r="5.5" fill="var(--chart-1)" />
              <text x={x(at) + 10} y={y(now) + 1} className={css['axisStrong']}>
                now: {amount(now)} at {percent(at * 100)}
              </text>
            </svg>
          )}
        </div>
      </ChartTable>
    </figure>
  );
}

const clipped = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
