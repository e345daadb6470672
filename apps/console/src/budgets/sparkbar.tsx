import css from './sparkbar.module.css';

/** A small bar with a mark; the numbers stand beside it. Both from 0 to 1 on one scale. */
export function Sparkbar({ share, limit }: { readonly share: number; readonly limit: number }) {
  const width = (part: number) => `${Math.max(0, Math.min(1, part)) * 100}%`;
  return (
    <span className={css['bar']} aria-hidden>
      <span className={css['fill']} data-over={share > limit} style={{ width: width(share) }} />
      <span className={css['mark']} style={{ left: width(limit) }} />
    </span>
  );
}
