/** Where values lie on an axis. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** 0 at `low`, 1 at `high`. */
  readonly at: (value: number) => number;
}

/**
 * An axis from 0 (or from the least value below it) to a round number above the greatest, with round steps.
 *
 * @param most about how many steps
 */
export function scaleOf(values: readonly number[], most = 4): Scale {
  const greatest = Math.max(0, ...values);
  const least = Math.min(0, ...values);
  const step = roundStep((greatest - least || 1) / most);
  const high = Math.ceil(greatest / step - 1e-9) * step || (least < 0 ? 0 : step * most);
  const low = Math.floor(least / step + 1e-9) * step;
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => clean(low + i * step));
  return { low, high, ticks, at: (value) => (value - low) / (high - low) };
}

/** The least of 1, 2, 2.5, 5 × a power of ten that is not below. */
export function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= atLeast * (1 - 1e-9))!;
  return factor * power;
}

/** 0.30000000000000004 is 0.3. */
const clean = (value: number) => Number(value.toPrecision(12));

/**
 * Which of many places get a label, so that labels stand apart.
 *
 * @param room how many fit
 * @returns indices, the first one among them, evenly apart
 */
export function labelled(count: number, room: number): readonly number[] {
  const every = Math.max(1, Math.ceil(count / Math.max(1, room)));
  return Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every);
}

/** What is stacked: for each place the part below and above 0 of every series, from the axis outwards. */
export function stacked(series: readonly (readonly (number | null)[])[]): readonly (readonly Span[])[] {
  const places = Math.max(0, ...series.map((values) => values.length));
  return Array.from({ length: places }, (_, place) => {
    let up = 0;
    let down = 0;
    return series.flatMap((values, index): Span[] => {
      const value = values[place] ?? 0;
      if (value === 0) return [];
      if (value > 0) return [{ index, from: up, to: (up += value) }];
      return [{ index, from: down, to: (down += value) }];
    });
  });
}

export interface Span {
  /** Of the series. */
  readonly index: number;
  readonly from: number;
  readonly to: number;
}
