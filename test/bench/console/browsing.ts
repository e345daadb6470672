import type { CDPSession, Page } from 'playwright-core';

/** What the pages told of themselves since they were opened: their own marks of drawing, and the browser's of painting. */
interface Entry {
  readonly name: string;
  readonly startMs: number;
  readonly ms: number;
  readonly detail: { readonly gpus?: number; readonly points?: number; readonly moments?: number } | null;
}

/** Runs in the page before anything else of it. */
export const KEEP_ENTRIES = `
  globalThis.seenEntries = [];
  const kept = (list) => {
    for (const { name, startTime, duration, detail } of list.getEntries())
      globalThis.seenEntries.push({ name, startMs: startTime, ms: duration, detail: detail ?? null });
  };
  for (const type of ['paint', 'measure']) new PerformanceObserver(kept).observe({ type, buffered: true });
`;

const WITHIN_MS = 60_000;
/** No chart came any more for so long: then all are there. */
const SETTLED_MS = 4_000;

const entriesOf = (page: Page) => page.evaluate<Entry[]>('globalThis.seenEntries');
const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const round = (value: number) => Math.round(value * 10) / 10;

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + WITHIN_MS; performance.now() < end;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what} did not come within ${WITHIN_MS / 1000} s`);
}

/**
 * Opens the fleet so often, each time as somebody whose browser has nothing of it kept.
 * Useful is the page when the map with all GPUs is drawn; its five numbers stand then as well.
 */
export async function firstPaint(page: Page, cdp: CDPSession, url: string, gpus: number, times: number) {
  const first: number[] = [];
  const useful: number[] = [];
  let kb = { scripts: 0, styles: 0, all: 0 };
  for (let n = 0; n < times; n += 1) {
    await page.goto('about:blank');
    await cdp.send('Network.clearBrowserCache');
    await page.goto(url);
    const map = await until('the map of the fleet', async () =>
      (await entriesOf(page)).find(({ name, detail }) => name === 'flotilla.fleet-map' && detail?.gpus === gpus),
    );
    useful.push(map.startMs + map.ms);
    first.push((await entriesOf(page)).find(({ name }) => name === 'first-contentful-paint')?.startMs ?? Number.NaN);
    kb = await page.evaluate<typeof kb>(`(() => {
      const of = (wanted) => performance.getEntriesByType('resource')
        .filter(({ name }) => wanted.test(new URL(name).pathname))
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) / 1000;
      return { scripts: of(/\\.js$/), styles: of(/\\.css$/), all: of(/./) };
    })()`);
  }
  return {
    times,
    first_paint_ms: { p50: round(middle(first)), max: round(Math.max(...first)) },
    useful_ms: { p50: round(middle(useful)), max: round(Math.max(...useful)) },
    packed_kb: { scripts: round(kb.scripts), styles: round(kb.styles), with_answers: round(kb.all) },
  };
}

/** Every colour of the map in turn: its drawing, and from the click to the second frame after it. */
export async function mapRedraw(page: Page, rounds: number) {
  const drawn: number[] = [];
  const shown: number[] = [];
  const choice = page.getByRole('group', { name: 'Colour of the map' });
  await choice.waitFor();
  const buttons = await choice.locator('input').all();
  for (let n = 0; n < rounds * buttons.length; n += 1) {
    const button = buttons[(n + 1) % buttons.length]!;
    const before = (await entriesOf(page)).filter(({ name }) => name === 'flotilla.fleet-map').length;
    shown.push(
      await button.evaluate((node: { click(): void }) => {
        const { requestAnimationFrame: next } = globalThis as unknown as {
          requestAnimationFrame(then: () => void): void;
        };
        return new Promise<number>((resolve) => {
          const start = performance.now();
          node.click();
          next(() => next(() => resolve(performance.now() - start)));
        });
      }),
    );
    const newest = await until('the map in another colour', async () => {
      const maps = (await entriesOf(page)).filter(({ name }) => name === 'flotilla.fleet-map');
      return maps.length > before ? maps.at(-1) : undefined;
    });
    drawn.push(newest.ms);
  }
  return {
    times: drawn.length,
    draw_ms: { p50: round(middle(drawn)), max: round(Math.max(...drawn)) },
    click_to_second_frame_ms: { p50: round(middle(shown)), max: round(Math.max(...shown)) },
  };
}

/** All charts of one instance over a day: the drawing of each, and of all together. */
export async function instanceCharts(page: Page, url: string, times: number) {
  const each: number[] = [];
  const together: number[] = [];
  let drawn: Entry[] = [];
  // a window in which all of them are seen: those below it wait
  await page.setViewportSize({ width: 1440, height: 4_000 });
  for (let n = 0; n < times; n += 1) {
    await page.goto('about:blank');
    await page.goto(url);
    drawn = [];
    let changedAt = performance.now();
    await until('the charts', async () => {
      const seen = (await entriesOf(page)).filter(({ name }) => name.startsWith('flotilla.chart '));
      const newest = new Map(seen.map((entry) => [entry.name, entry]));
      const now = [...newest.values()].filter(({ detail }) => (detail?.points ?? 0) > 0);
      if (now.length !== drawn.length) changedAt = performance.now();
      drawn = now;
      return drawn.length > 0 && performance.now() - changedAt > SETTLED_MS ? drawn : undefined;
    });
    each.push(...drawn.map(({ ms }) => ms));
    together.push(drawn.reduce((sum, { ms }) => sum + ms, 0));
  }
  const points = drawn.map(({ detail }) => detail?.points ?? 0);
  return {
    times,
    charts: drawn.length,
    moments: Math.max(...drawn.map(({ detail }) => detail?.moments ?? 0)),
    points_of_the_fullest: Math.max(...points),
    points_of_all: points.reduce((a, b) => a + b, 0),
    one_chart_ms: { p50: round(middle(each)), max: round(Math.max(...each)) },
    all_charts_ms: { p50: round(middle(together)), max: round(Math.max(...together)) },
  };
}

export interface MemoryAt {
  readonly minute: number;
  /** What lives of the page's own objects after a full collection, MB of 10^6 bytes. */
  readonly heap_mb: number;
  readonly nodes: number;
  readonly listeners: number;
}

export async function memoryOf(cdp: CDPSession, minute: number): Promise<MemoryAt> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
  return { minute, heap_mb: round(usedSize / 1e6), nodes, listeners: jsEventListeners };
}

/** MB an hour: the slope of a straight line through the second half (the first fills what is bounded). */
export function growthPerHour(points: readonly MemoryAt[]): number {
  const late = points.slice(points.length >> 1);
  const n = late.length;
  const mean = (of: (point: MemoryAt) => number) => late.reduce((sum, point) => sum + of(point), 0) / n;
  const [x, y] = [mean((p) => p.minute), mean((p) => p.heap_mb)];
  const slope =
    late.reduce((sum, p) => sum + (p.minute - x) * (p.heap_mb - y), 0) /
    late.reduce((sum, p) => sum + (p.minute - x) ** 2, 0);
  return round(slope * 60);
}
