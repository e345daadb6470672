import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { HUNG, notInstalled, type Failure } from './failures.js';
import { LoopReader } from './loop-reader.js';
import type { LoopHandlers, Tool, ToolAnswer } from './tool.js';

/** A tool whose processes the test holds in its hand, the unkillable one included. */
class HeldTool {
  loops: { args: readonly string[]; handlers: LoopHandlers; killed: boolean }[] = [];
  runs: (readonly string[])[] = [];
  help: ToolAnswer = { output: '"index"\n"uuid"\n"utilization.gpu"\n', code: 0, failure: null };
  oneShot: ToolAnswer = { output: '', code: 255, failure: HUNG };
  unkillable = false;

  get stuck() {
    return this.unkillable && this.loops.some((loop) => loop.killed);
  }
  run = (args: readonly string[]) => {
    this.runs.push(args);
    return Promise.resolve(args[0] === '--help-query-gpu' ? this.help : this.oneShot);
  };
  loop = (args: readonly string[], handlers: LoopHandlers) => {
    const loop = { args, handlers, killed: false };
    this.loops.push(loop);
    return { pid: this.loops.length, kill: () => (loop.killed = true) };
  };
}

function setUp(tool = new HeldTool()) {
  const clock = new ManualClock();
  const seen = { rows: 0, failures: [] as Failure[], running: [] as boolean[] };
  const reader = new LoopReader(
    tool as unknown as Tool,
    clock,
    {
      row: () => (seen.rows += 1),
      round: () => {},
      stray: () => {},
      running: (oneShot) => seen.running.push(oneShot),
      failed: (failure) => seen.failures.push(failure),
    },
    5_000,
  );
  reader.start();
  return { tool, clock, seen, reader };
}
const row = (index: number, utilization: string) => `${index}, GPU-${index}, ${utilization}\n`;

it('asks for what the driver knows, in a loop at the interval', async () => {
  const { tool, clock } = setUp();
  await clock.advance(0);
  expect(tool.loops[0]?.args).toEqual([
    '--query-gpu=index,uuid,utilization.gpu',
    '--format=csv,noheader,nounits',
    '-lms',
    '5000',
  ]);
});

it('gives the first row a minute and later ones three intervals', async () => {
  const { tool, clock, seen } = setUp();
  await clock.advance(59_000);
  expect(seen.failures).toEqual([]);
  tool.loops[0]?.handlers.data(row(0, '1'));
  await clock.advance(14_900);
  expect(seen.failures).toEqual([]);
  await clock.advance(200);
  expect(new Set(seen.failures.map((f) => f.name))).toEqual(new Set(['hung']));
  expect(tool.loops[0]?.killed).toBe(true);
});

it('starts no other while a killed process lives on in the kernel, and goes on when it is gone', async () => {
  const tool = new HeldTool();
  const { clock, seen } = setUp(tool);
  await clock.advance(0);
  tool.unkillable = true;
  await clock.advance(61_000);
  expect(tool.loops[0]?.killed).toBe(true);
  await clock.advance(3_600_000);
  expect(tool.loops).toHaveLength(1);
  expect(tool.runs).toHaveLength(1);
  expect(seen.failures.at(-1)).toBe(HUNG);
  tool.unkillable = false;
  await clock.advance(10_000);
  expect(tool.loops).toHaveLength(2);
});

it('waits longer after each failure, and starts from the beginning after a stable minute', async () => {
  const { tool, clock } = setUp();
  const failed: ToolAnswer = {
    output: '',
    code: 9,
    failure: { name: 'driver_not_loaded', condition: 'failed', message: '' },
  };
  const pauses: number[] = [];
  for (let i = 0; i < 7; i += 1) {
    await clock.advance(0);
    const before = tool.loops.length;
    tool.loops.at(-1)?.handlers.ended(failed);
    const from = clock.monotonicMs();
    while (tool.loops.length === before) await clock.advance(500);
    pauses.push((clock.monotonicMs() - from) / 1000);
  }
  expect(pauses).toEqual([1, 2, 5, 10, 30, 60, 60]);
  for (let i = 0; i < 14; i += 1) {
    tool.loops.at(-1)?.handlers.data(row(0, '1'));
    await clock.advance(5_000);
  }
  tool.loops.at(-1)?.handlers.ended(failed);
  await clock.advance(1_000);
  expect(tool.loops).toHaveLength(9);
});

it('looks once a minute whether the tool has been installed', async () => {
  const tool = new HeldTool();
  tool.help = { output: '', code: null, failure: notInstalled('nvidia-smi') };
  const { clock, seen } = setUp(tool);
  await clock.advance(185_000);
  expect(tool.runs).toHaveLength(4);
  expect(new Set(seen.failures.map((f) => f.condition))).toEqual(new Set(['unavailable']));
  tool.help = { output: '"index"\n"uuid"\n', code: 0, failure: null };
  await clock.advance(60_000);
  expect(tool.loops).toHaveLength(1);
});

it('stays in the loop when single calls are no better, and asks again only after ten minutes', async () => {
  const { tool, clock, seen } = setUp();
  await clock.advance(0);
  tool.oneShot = { output: row(0, '[Unknown Error]'), code: 0, failure: null };
  for (let i = 0; i < 100; i += 1) {
    tool.loops[0]?.handlers.data(row(0, '[Unknown Error]'));
    await clock.advance(5_000);
  }
  expect(tool.runs.filter((args) => args[0] !== '--help-query-gpu')).toHaveLength(1);
  expect(seen.running).toEqual([false]);
  expect(tool.loops[0]?.killed).toBe(false);
});

it('reads by single calls, one an interval, where only those give numbers', async () => {
  const { tool, clock, seen } = setUp();
  await clock.advance(0);
  tool.oneShot = { output: row(0, '7'), code: 0, failure: null };
  for (let i = 0; i < 4; i += 1) {
    tool.loops[0]?.handlers.data(row(0, '[Unknown Error]'));
    await clock.advance(1_000);
  }
  expect(seen.running).toEqual([false, true]);
  expect(tool.loops[0]?.killed).toBe(true);
  const before = tool.runs.length;
  await clock.advance(50_000);
  expect(tool.runs.length - before).toBe(10);
  expect(tool.loops).toHaveLength(1);
});

it('says nothing and starts nothing after it was stopped', async () => {
  const { tool, clock, seen, reader } = setUp();
  await clock.advance(0);
  reader.stop();
  tool.loops[0]?.handlers.ended({ output: '', code: null, failure: null });
  await clock.advance(600_000);
  expect([tool.loops.length, seen.failures.length]).toEqual([1, 0]);
});
