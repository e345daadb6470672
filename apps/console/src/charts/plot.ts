import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { columnsOf, plotOptions } from './plot-options';
import type { PlotLook, PlotState } from './plot-options';
import { nearest, stack } from './series';
import type { Value } from './series';
import { onTheme } from './theme';

export interface PlotValues {
  readonly times: readonly number[];
  /** In the order of the look's series. */
  readonly columns: readonly (readonly Value[])[];
  /** Edges of those that have a band. */
  readonly bands: readonly ({ readonly lower: readonly Value[]; readonly upper: readonly Value[] } | null)[];
  readonly hidden: (index: number) => boolean;
}

export interface CursorAt {
  readonly ms: number;
  /** The point there; null: it is in a gap. */
  readonly index: number | null;
}

export interface PlotEvents {
  /** null: the cursor is away. */
  readonly onCursor: (at: CursorAt | null) => void;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onReset: () => void;
}

/** One uPlot and what keeps it right: its size, the theme, the values, the cursor by key. */
export class Plot {
  private plot: uPlot | undefined;
  private state: PlotState;
  private readonly sizes: ResizeObserver;
  private readonly noTheme: () => void;

  constructor(
    private readonly box: HTMLElement,
    private readonly look: PlotLook,
    state: PlotState,
    values: PlotValues,
    private readonly events: () => PlotEvents,
  ) {
    this.state = state;
    const options = plotOptions(look, () => this.state, {
      onCursor: () => this.events().onCursor(this.cursor()),
      onSelect: (plot) => this.selected(plot),
      onReset: () => this.events().onReset(),
    });
    this.plot = new uPlot({ ...options, ...this.size() }, this.table(values), box);
    this.hide(values);
    this.sizes = new ResizeObserver(() => this.plot?.setSize(this.size()));
    this.sizes.observe(box);
    this.noTheme = onTheme(() => this.plot?.redraw(false));
  }

  show(state: PlotState, values: PlotValues): void {
    this.state = state;
    this.hide(values);
    this.plot?.setData(this.table(values), true);
  }

  destroy(): void {
    this.sizes.disconnect();
    this.noTheme();
    this.plot?.destroy();
    this.plot = undefined;
  }

  /** Where the cursor is; null: away. */
  cursor(): CursorAt | null {
    const { plot } = this;
    const left = plot?.cursor.left ?? -1;
    if (!plot || left < 0) return null;
    const ms = plot.posToVal(left, 'x');
    const index = nearest(plot.data[0] as number[], ms);
    const at = index < 0 ? undefined : plot.data[0][index];
    return at !== undefined && Math.abs(at - ms) <= this.state.reachMs ? { ms: at, index } : { ms, index: null };
  }

  /** Puts the cursor onto the point nearest to a moment, here and in the charts that go with it. */
  point(atMs: number): void {
    const { plot } = this;
    const index = nearest((plot?.data[0] ?? []) as number[], atMs);
    if (!plot || index < 0) return;
    const left = plot.valToPos(plot.data[0][index]!, 'x');
    // the third one is not among the declared ones: it tells the group
    (plot.setCursor as (at: { left: number; top: number }, fire: boolean, tell: boolean) => void)(
      { left, top: plot.over.clientHeight / 2 },
      true,
      true,
    );
  }

  leave(): void {
    const { plot } = this;
    const group = this.look.syncKey === undefined ? [plot] : uPlot.sync(this.look.syncKey).plots;
    for (const one of group) one?.setCursor({ left: -10, top: -10 });
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(120, this.box.clientWidth), height: Math.max(80, this.box.clientHeight) };
  }

  private selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    const from = plot.posToVal(left, 'x');
    const to = plot.posToVal(left + width, 'x');
    const group = this.look.syncKey === undefined ? [plot] : uPlot.sync(this.look.syncKey).plots;
    for (const one of group) one.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.events().onZoom(Math.round(from), Math.round(to));
  }

  private table({ times, columns, bands, hidden }: PlotValues): uPlot.AlignedData {
    const shown = this.look.stacked ? stack(columns, (i) => !hidden(i)) : columns;
    const all: (readonly Value[])[] = [];
    shown.forEach((column, i) => {
      all.push(column);
      const band = bands[i];
      if (this.look.series[i]?.band) all.push(band?.lower ?? [], band?.upper ?? []);
    });
    return [times, ...(this.look.stacked ? all.reverse() : all)] as unknown as uPlot.AlignedData;
  }

  private hide({ hidden }: PlotValues): void {
    const { plot, look } = this;
    if (!plot) return;
    let at = 1;
    const order = look.series.map((_, i) => (look.stacked ? look.series.length - 1 - i : i));
    for (const i of order) {
      const width = columnsOf(look.series[i]!);
      for (let c = at; c < at + width; c++) {
        if (plot.series[c]!.show === hidden(i)) plot.setSeries(c, { show: !hidden(i) }, false);
      }
      at += width;
    }
  }
}
