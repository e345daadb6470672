import type { FleetAnswer } from './gpus';
import type { MapLayout } from './layout';
import type { Scale } from './colours';

export interface Look {
  readonly layout: MapLayout;
  readonly fleet: FleetAnswer;
  readonly scale: Scale;
  /** 1: one of those that are shown; 0: drawn faintly. */
  readonly shown: Uint8Array;
  /** Lines of empty cells, and the marks upon coloured ones. */
  readonly outline: string;
  readonly ink: string;
  readonly bad: string;
}

const FAINT = 0.18;

/**
 * Draws every GPU: colour by value; a machine that is off is an empty cell, one that reports nothing is struck through, an
 * unhealthy GPU carries a cross and a degraded one a corner, so that nothing is told by colour alone.
 */
export function drawMap(context: CanvasRenderingContext2D, look: Look, ratio: number): void {
  const { layout, fleet, scale, shown } = look;
  const { order, x, y, cell } = layout;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, layout.width, layout.height);
  // by colour, so that the pen changes some dozens of times and not eight thousand
  const byColour: number[][] = scale.colours.map(() => []);
  const [empty, silent, sick, weak]: number[][] = [[], [], [], []] as number[][];
  for (let n = 0; n < order.length; n++) {
    const i = order[n]!;
    const state = fleet.gpus.state[i];
    const step = scale.steps[i]!;
    if (state === 'off') empty!.push(n);
    else if (step < 0) silent!.push(n);
    else byColour[step]!.push(n);
    if (fleet.gpus.health[i] === 'unhealthy') sick!.push(n);
    else if (fleet.gpus.health[i] === 'degraded') weak!.push(n);
  }
  const isPart = shown.includes(0);
  for (const faint of [true, false]) {
    context.globalAlpha = faint ? FAINT : 1;
    const mine = (n: number) => (shown[order[n]!] === 1) !== faint;
    byColour.forEach((cells, step) => {
      context.fillStyle = scale.colours[step]!;
      for (const n of cells) if (mine(n)) context.fillRect(x[n]!, y[n]!, cell, cell);
    });
    context.strokeStyle = look.outline;
    context.lineWidth = 1;
    context.beginPath();
    for (const n of [...empty!, ...silent!]) if (mine(n)) context.rect(x[n]! + 0.5, y[n]! + 0.5, cell - 1, cell - 1);
    // what is meant and dark of colour would be lost beside what is faint and bright
    if (isPart && !faint) {
      for (const n of byColour.flat()) if (mine(n)) context.rect(x[n]! + 0.5, y[n]! + 0.5, cell - 1, cell - 1);
    }
    for (const n of silent!) {
      if (!mine(n)) continue;
      context.moveTo(x[n]! + 1, y[n]! + cell - 1);
      context.lineTo(x[n]! + cell - 1, y[n]! + 1);
    }
    context.stroke();
    drawSick(context, look, sick!.filter(mine));
    context.fillStyle = look.bad;
    for (const n of weak!) {
      if (!mine(n)) continue;
      const side = Math.max(3, cell / 2.6);
      context.beginPath();
      context.moveTo(x[n]! + cell - side, y[n]!);
      context.lineTo(x[n]! + cell, y[n]!);
      context.lineTo(x[n]! + cell, y[n]! + side);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

function drawSick(context: CanvasRenderingContext2D, { layout, ink, bad }: Look, cells: readonly number[]): void {
  const { x, y, cell } = layout;
  const inset = cell * 0.24;
  for (const [color, width] of [
    [ink, Math.max(3, cell / 4)],
    [bad, Math.max(1.5, cell / 8)],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.lineCap = 'round';
    context.beginPath();
    for (const n of cells) {
      context.moveTo(x[n]! + inset, y[n]! + inset);
      context.lineTo(x[n]! + cell - inset, y[n]! + cell - inset);
      context.moveTo(x[n]! + cell - inset, y[n]! + inset);
      context.lineTo(x[n]! + inset, y[n]! + cell - inset);
    }
    context.stroke();
  }
  context.lineCap = 'butt';
}
