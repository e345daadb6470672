import type { Group } from './gpus';

/** Pixels of a page (CSS), from the upper left corner of the map. */
export interface Heading {
  readonly group: Group;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}
export interface MapLayout {
  /** Side of a cell, and what is between two. */
  readonly cell: number;
  readonly gap: number;
  readonly width: number;
  readonly height: number;
  readonly headings: readonly Heading[];
  /** GPUs as places in the answer's columns, in the order in which they are read. */
  readonly order: Int32Array;
  /** Of `order`. */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

const SIZES = [24, 20, 17, 14, 12, 10, 8, 7, 6] as const;
const HEADING = 38;
const BETWEEN_GROUPS = 22;
const NARROWEST_GROUP = 190;

/**
 * Where each GPU stands: hosts are blocks of two rows, groups are shelved from left to right. Cells are as large as they can
 * be while everything fits into the height; in a very large fleet they are smallest and the map is taller.
 *
 * @param headings whether room is left for the names of groups
 */
export function layoutOf(groups: readonly Group[], width: number, height: number, headings: boolean): MapLayout {
  let layout: MapLayout | undefined;
  for (const cell of SIZES) {
    layout = shelved(groups, width, cell, headings ? HEADING : 0);
    if (layout.height <= height) break;
  }
  return layout!;
}

const columnsOf = (gpus: number) => Math.max(1, Math.ceil(gpus / 2));

function shelved(groups: readonly Group[], width: number, cell: number, heading: number): MapLayout {
  const gap = cell >= 14 ? 2 : 1;
  const between = cell >= 14 ? 10 : cell >= 8 ? 6 : 4;
  const step = cell + gap;
  const total = groups.reduce((sum, group) => sum + group.gpus, 0);
  const [order, x, y] = [new Int32Array(total), new Float32Array(total), new Float32Array(total)];
  const found: Heading[] = [];
  let n = 0;
  let [left, top, shelf] = [0, 0, 0];
  for (const group of groups) {
    const widths = group.hosts.map((host) => columnsOf(host.gpus.length) * step - gap);
    const whole = widths.reduce((sum, one) => sum + one + between, -between);
    const wanted = Math.min(width, Math.max(heading > 0 ? NARROWEST_GROUP : 0, whole));
    // begun on the next shelf where it does not fit beside the others
    if (left > 0 && left + wanted > width) [left, top, shelf] = [0, top + shelf + BETWEEN_GROUPS, 0];
    let [hostX, hostY] = [left, top + heading];
    group.hosts.forEach((host, h) => {
      const hostWidth = widths[h]!;
      if (hostX > left && hostX + hostWidth > left + wanted + 0.5) {
        hostX = left;
        hostY += 2 * step - gap + between;
      }
      const columns = columnsOf(host.gpus.length);
      host.gpus.forEach((gpu, i) => {
        order[n] = gpu;
        x[n] = hostX + (i % columns) * step;
        y[n] = hostY + Math.floor(i / columns) * step;
        n += 1;
      });
      hostX += hostWidth + between;
    });
    found.push({ group, x: left, y: top, width: wanted });
    shelf = Math.max(shelf, hostY + 2 * step - gap - top);
    left += wanted + BETWEEN_GROUPS;
  }
  return { cell, gap, width, height: top + shelf, headings: found, order, x, y };
}

/** The cell under a point, as a place in `order`; -1: none. The gap right and below belongs to the cell. */
export function cellAt({ x, y, cell, gap }: MapLayout, atX: number, atY: number): number {
  const step = cell + gap;
  for (let n = 0; n < x.length; n++) {
    if (atX >= x[n]! && atX < x[n]! + step && atY >= y[n]! && atY < y[n]! + step) return n;
  }
  return -1;
}

export type Direction = 'left' | 'right' | 'up' | 'down' | 'first' | 'last';

/** Where a key leads from a cell: along the order, or to the nearest cell of the next row above or below. */
export function moved({ x, y, order }: MapLayout, from: number, to: Direction): number {
  const last = order.length - 1;
  if (to === 'first') return 0;
  if (to === 'last') return last;
  if (to === 'left') return Math.max(0, from - 1);
  if (to === 'right') return Math.min(last, from + 1);
  let best = from;
  let [bestRow, bestDistance] = [Infinity, Infinity];
  for (let n = 0; n <= last; n++) {
    const rows = to === 'down' ? y[n]! - y[from]! : y[from]! - y[n]!;
    if (rows <= 0 || rows > bestRow) continue;
    const distance = Math.abs(x[n]! - x[from]!);
    if (rows < bestRow || distance < bestDistance) [best, bestRow, bestDistance] = [n, rows, distance];
  }
  return best;
}
