import { useEffect, useState } from 'react';
import { onTheme } from '../charts/theme';
import { KINDS, STEPS, rampColour, scaleOf } from './colours';
import type { Colouring } from './colours';
import css from './fleet-map.module.css';
import type { FleetAnswer } from './gpus';

const themeNow = () => (document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light');

/** What the colours and the shapes of the map say. */
export function MapLegend({ fleet, colouring }: { readonly fleet: FleetAnswer; readonly colouring: Colouring }) {
  const [theme, setTheme] = useState<'light' | 'dark'>(themeNow);
  useEffect(() => onTheme(() => setTheme(themeNow())), []);
  const { colours, domain } = scaleOf(fleet, colouring, theme);
  const currency = fleet.instances[0]?.currency ?? 'USD';
  return (
    <ul className={css['legend']} aria-label="What colours and shapes say">
      {colouring === 'health' || domain === null ? (
        ['healthy', 'degraded', 'unhealthy'].map((word, i) => (
          <li key={word}>
            <span className={css['swatch']} style={{ background: colours[i] }} aria-hidden /> {word}
          </li>
        ))
      ) : (
        <li>
          {KINDS[colouring].format(domain[0], currency)}
          <span className={css['ramp']} aria-hidden>
            {Array.from({ length: STEPS / 2 }, (_, step) => (
              <span
                key={step}
                style={{ background: rampColour(KINDS[colouring].ramp, theme, step / (STEPS / 2 - 1)) }}
              />
            ))}
          </span>
          {KINDS[colouring].format(domain[1], currency)}
        </li>
      )}
      <li>
        <span className={`${css['swatch']} ${css['off']}`} aria-hidden /> machine off
      </li>
      <li>
        <span className={`${css['swatch']} ${css['silent']}`} aria-hidden /> not reported
      </li>
      <li>
        <span className={css['mark']} aria-hidden>
          ✕
        </span>{' '}
        unhealthy
      </li>
      <li>
        <span className={`${css['swatch']} ${css['weak']}`} aria-hidden /> degraded
      </li>
    </ul>
  );
}
