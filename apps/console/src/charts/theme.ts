/** Colours for canvases, which know nothing of CSS variables. */

export type ChartColor = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 'accent' | 'good' | 'warn' | 'bad' | 'idle' | 'faint';

/** The n-th series of a chart, 0 first. After eight the colours come again, with dashes. */
export const colorOf = (index: number): ChartColor => ((index % 8) + 1) as ChartColor;

/** Its variable in tokens.css. */
export const variableOf = (color: ChartColor): string =>
  typeof color === 'number' ? `--chart-${color}` : color === 'faint' ? '--text-faint' : `--${color}`;

const read = new Map<string, string>();
const watchers = new Set<() => void>();

/** @param variable as `--line` */
export function cssColor(variable: string): string {
  let color = read.get(variable);
  if (color === undefined) {
    color = getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
    read.set(variable, color);
  }
  return color;
}

export const seriesColor = (color: ChartColor): string => cssColor(variableOf(color));

/** The same, seen through. @param opacity 0 to 1 */
export function faded(variable: string, opacity: number): string {
  const color = cssColor(variable);
  return /^#[0-9a-f]{6}$/i.test(color)
    ? color +
        Math.round(opacity * 255)
          .toString(16)
          .padStart(2, '0')
    : color;
}

/** Called when the page changes from light to dark or back. @returns takes it back */
export function onTheme(watcher: () => void): () => void {
  if (watchers.size === 0) observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) observer.disconnect();
    read.clear();
  };
}

const observer = new MutationObserver(() => {
  read.clear();
  for (const watcher of watchers) watcher();
});
