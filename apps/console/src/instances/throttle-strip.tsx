import type { Span } from '../charts/series';
import { AXIS_PX, RIGHT_PX } from '../charts/plot-options';
import { duration } from '../ui/format';
import css from './instance.module.css';
import { REASONS } from './throttling';
import type { Throttled } from './throttling';

interface Props {
  readonly rows: readonly { readonly device: string; readonly name: string }[];
  readonly held: readonly Throttled[];
  readonly span: Span;
}

/** A row per GPU: when its clocks were held back, and by what. Times stand as in the charts below. */
export function ThrottleStrip({ rows, held, span }: Props) {
  const present = REASONS.filter(({ key }) => held.some(({ reason }) => reason.key === key));
  if (present.length === 0) return <p className={css['quiet']}>No GPU was held back in this span.</p>;
  const length = span.toMs - span.fromMs;
  const share = (ms: number) => (Math.min(1, Math.max(0, (ms - span.fromMs) / length)) * 1000).toFixed(2);
  return (
    <div className={css['strip']}>
      <ul className={css['stripKeys']} aria-label="Held back, by reason">
        {present.map(({ key, words }) => (
          <li key={key}>
            <span data-reason={key} aria-hidden /> {words}: {total(held, key)}
          </li>
        ))}
      </ul>
      <ul>
        {rows.map(({ device, name }) => {
          const own = held.filter((one) => one.device === device);
          return (
            <li key={device} className={css['stripRow']}>
              <span className={css['stripName']} style={{ width: AXIS_PX - 6 }}>
                {name}
              </span>
              <svg
                viewBox="0 0 1000 10"
                preserveAspectRatio="none"
                style={{ marginRight: RIGHT_PX }}
                role="img"
                aria-label={`${name}: ${own.length === 0 ? 'not held back' : own.map((one) => `${one.reason.words} ${sum(one.spans)}`).join(', ')}`}
              >
                {[...own].reverse().map(({ reason, spans }) => (
                  <path
                    key={reason.key}
                    data-reason={reason.key}
                    d={spans
                      .map((one) => `M${share(one.fromMs)} 0H${share(one.toMs)}V10H${share(one.fromMs)}Z`)
                      .join('')}
                  />
                ))}
              </svg>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const sum = (spans: readonly Span[]) => duration(spans.reduce((ms, { fromMs, toMs }) => ms + toMs - fromMs, 0) / 1000);

const total = (held: readonly Throttled[], key: string) => {
  const own = held.filter(({ reason }) => reason.key === key);
  return `${sum(own.flatMap(({ spans }) => spans))} in all, on ${own.length} ${own.length === 1 ? 'GPU' : 'GPUs'}`;
};
