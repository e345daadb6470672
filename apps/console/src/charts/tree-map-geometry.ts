/** A place in a tree map; pixels. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides a box among values, each getting its part of the area, in pieces as near to squares as can be (Bruls, Huizing and
 * van Wijk, "Squarified treemaps", 2000): rows are filled along the shorter side until one more would make them worse.
 *
 * @param values above 0, the largest first; what is not above 0 gets a place without area
 * @param box in pixels
 * @returns as many cells as there are values, in their order
 */
export function squarified(
  values: readonly number[],
  box: { readonly width: number; readonly height: number },
): Cell[] {
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  if (total <= 0 || box.width <= 0 || box.height <= 0) return values.map(() => ({ x: 0, y: 0, width: 0, height: 0 }));
  const scale = (box.width * box.height) / total;
  const areas = values.map((value) => Math.max(0, value) * scale);
  const cells: Cell[] = [];
  let left: Cell = { x: 0, y: 0, ...box };
  let from = 0;
  while (from < areas.length) {
    const side = Math.min(left.width, left.height);
    let to = from + 1;
    while (to < areas.length && worst(areas.slice(from, to + 1), side) <= worst(areas.slice(from, to), side)) to += 1;
    const row = areas.slice(from, to);
    left = laidOut(row, left, cells);
    from = to;
  }
  return cells;
}

/** The worst ratio of sides in a row along `side`. */
function worst(row: readonly number[], side: number): number {
  const sum = row.reduce((all, area) => all + area, 0);
  const square = side * side;
  const least = Math.min(...row);
  if (sum === 0 || least === 0 || square === 0) return Number.POSITIVE_INFINITY;
  return Math.max((square * Math.max(...row)) / (sum * sum), (sum * sum) / (square * least));
}

/** Puts a row along the shorter side; what is left of the box. */
function laidOut(row: readonly number[], box: Cell, into: Cell[]): Cell {
  const sum = row.reduce((all, area) => all + area, 0);
  const isUpright = box.width >= box.height;
  const side = isUpright ? box.height : box.width;
  const depth = side === 0 ? 0 : sum / side;
  let along = 0;
  for (const area of row) {
    const length = depth === 0 ? 0 : area / depth;
    into.push(
      isUpright
        ? { x: box.x, y: box.y + along, width: depth, height: length }
        : { x: box.x + along, y: box.y, width: length, height: depth },
    );
    along += length;
  }
  return isUpright
    ? { ...box, x: box.x + depth, width: Math.max(0, box.width - depth) }
    : { ...box, y: box.y + depth, height: Math.max(0, box.height - depth) };
}

/**
 * How many of the largest values can stand for themselves so that none, nor the rest together, is smaller than a finger or a
 * pointer hits.
 *
 * @param values above 0, the largest first
 * @param rest what others that are not among them come to; 0: there are none
 * @param least pixels of the shorter side of a cell
 */
export function fitting(
  values: readonly number[],
  rest: number,
  box: { readonly width: number; readonly height: number },
  least: number,
): number {
  for (let shown = values.length; shown > 0; shown -= 1) {
    const others = values.slice(shown).reduce((sum, value) => sum + value, rest);
    const cells = squarified(withRest(values.slice(0, shown), others), box);
    // the rest leads nowhere: it may be a line
    if (cells.slice(0, shown).every(({ width, height }) => Math.min(width, height) >= least)) return shown;
  }
  return Math.min(1, values.length);
}

/** The rest stands last, whatever it comes to: it is no group of its own. */
export const withRest = (values: readonly number[], rest: number): readonly number[] =>
  rest > 0 ? [...values, rest] : values;

/** As much of a name as has room, by the mean width of a letter; empty where nothing of use would be left. */
export function shortened(name: string, width: number, letter: number): string {
  const most = Math.floor(width / letter);
  const letters = Array.from(name);
  if (letters.length <= most) return name;
  return most < 4
    ? ''
    : `${letters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}
