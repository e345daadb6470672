/** The reader against a replaying nvidia-smi: real processes, real pipes, a clock that runs five times as fast. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { metricId } from '@flotilla/domain';
import {
  FIXTURE,
  writeScenario,
  type Replay,
  type Scenario,
} from '../../../../../test/support/nvidia-smi-replay/index.js';
import { RecordingSink } from '../../../../../test/support/recording-sink.js';
import type { Clock } from '../../clock.js';
import type { Reading } from '../collector.js';
import { Leftover } from './leftover.js';
import { NvidiaSmiCollector } from './nvidia-smi.collector.js';

jest.setTimeout(30_000);
const SPEED = 5;
const fastClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now() * SPEED,
  after(ms, run) {
    const timer = setTimeout(run, ms / SPEED).unref();
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    const timer = setInterval(run, ms / SPEED).unref();
    return () => clearInterval(timer);
  },
};
const UTILIZATION = metricId('gpu_utilization');
const POWER = metricId('power_draw');
const A = 'GPU-aaaaaaaa-0000-4000-8000-000000000001';
const B = 'GPU-bbbbbbbb-0000-4000-8000-000000000002';
const two = (more: Partial<Scenario> = {}): Scenario => ({
  gpus: [
    { capture: FIXTURE, state: 'load', uuid: A },
    { capture: FIXTURE, state: 'idle', uuid: B },
  ],
  ...more,
});

let folder: string;
let sink: RecordingSink;
let collector: NvidiaSmiCollector;
let replay: Replay;

async function until(what: string, holds: () => boolean, ms = 20_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end)
      throw new Error(`never ${what}; states: ${sink.states.join(' | ')}; ${sink.kinds().join()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
function run(scenario: Scenario, tool?: string) {
  replay = writeScenario(join(folder, 'tool'), scenario);
  collector = new NvidiaSmiCollector({
    tool: tool ?? replay.executable,
    intervalS: 0.1,
    stateDir: join(folder, 'state'),
  });
  collector.start(sink, fastClock);
}
const loops = () => replay.calls().filter((call) => call.argv.includes('-lms'));
const lives = (pid: number) => {
  // A killed process that nobody has waited for yet still has a number, but nothing to run.
  const status = `/proc/${pid}/stat`;
  return existsSync(status) && !/\) [ZX] /.test(readFileSync(status, 'latin1'));
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-smi-'));
  sink = new RecordingSink();
});
afterEach(async () => {
  await collector.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('reads every GPU at every interval through one process, and the rest once a minute', async () => {
  run(two());
  await until('30 samples', () => sink.samples.length >= 30);
  expect(sink.of(A)[0]?.values.get(UTILIZATION)).toBe(87);
  expect(sink.of(A)[0]?.values.get(POWER)).toBe(212.5);
  expect(sink.of(B)[0]?.values.get(UTILIZATION)).toBe(0);
  expect(Math.abs(sink.of(A).length - sink.of(B).length)).toBeLessThanOrEqual(1);
  expect(loops()).toHaveLength(1);
  await until('an inventory', () => sink.processList !== null);
  expect(sink.devices.map((d) => [d.uuid, d.index, d.model, d.driverVersion, d.presence, d.health])).toEqual([
    [A, 0, 'Flotilla Test GPU 16GB', '999.10', 'present', 'healthy'],
    [B, 1, 'Flotilla Test GPU 16GB', '999.10', 'present', 'healthy'],
  ]);
  expect(sink.processList).toEqual([
    { device: A, pid: 4242, type: 'C', name: 'python train.py --sizes 1, 2, 3', usedMemoryMib: 8990 },
  ]);
  expect(sink.last()).toBe('ok: Reading 2 GPU(s) every 0.1 s through driver 999.10 with nvidia-smi.');
  expect(sink.events).toEqual([]);
  const pid = loops()[0]?.pid as number;
  expect(lives(pid)).toBe(true);
  await collector.stop();
  expect(lives(pid)).toBe(false);
});

it('stops a tool that hangs, says so, and reads on with a new one', async () => {
  run(two({ faults: [{ kind: 'hang', use: 'loop', afterRounds: 4 }] }));
  await until('failed', () => sink.last().startsWith('failed'));
  expect(sink.last()).toMatch(/printed no row for 5 s/);
  await until('a second process', () => loops().length >= 2);
  expect(lives(loops()[0]?.pid as number)).toBe(false);
  await until('recovered', () => sink.kinds().includes('collector_recovered'));
  expect(sink.kinds().slice(0, 2)).toEqual(['collector_fault', 'collector_recovered']);
});

it.each([
  [18, /driver was upgraded.*rebooted/],
  [9, /not loaded/],
  [12, /libnvidia-ml/],
  [255, /Restart the container/],
])('names exit code %i, tries again, and reads on when it is mended', async (code, message) => {
  run(two({ faults: [{ kind: 'exit', code, use: 'loop' }] }));
  await until('failed', () => sink.last().startsWith('failed'));
  expect(sink.last()).toMatch(message);
  expect(sink.samples).toEqual([]);
  replay.update((s) => {
    s.faults = [];
  });
  await until('read', () => sink.of(B).length > 0);
  expect(sink.last()).toMatch(/^ok/);
});

it('misses a GPU by its uuid, and sees it come back', async () => {
  run(two());
  await until('an inventory', () => sink.devices.length === 2);
  replay.update((s) => {
    (s.gpus[0] as { lost?: string }).lost = 'absent';
  });
  await until('lost', () => sink.kinds().includes('gpu_lost'));
  expect(sink.events.find((e) => e.kind === 'gpu_lost')).toMatchObject({ device: A, severity: 'critical' });
  expect(sink.presence()).toEqual({ [A]: 'missing', [B]: 'present' });
  await until('degraded', () => sink.last().startsWith('degraded: 1 GPU(s) that this host had'));
  const before = sink.of(A).length;
  const other = sink.of(B).length;
  await until('the other goes on', () => sink.of(B).length > other + 3);
  expect(sink.of(A).length).toBe(before);
  replay.update((s) => {
    delete s.gpus[0]?.lost;
  });
  await until('back', () => sink.kinds().includes('gpu_appeared'));
  await until('present again', () => sink.presence()[A] === 'present');
});

it('misses a GPU that was gone before the agent started again', async () => {
  run(two());
  await until('an inventory', () => sink.devices.length === 2);
  await until('a snapshot', () => existsSync(join(folder, 'state', 'known-gpus.json')));
  await collector.stop();
  sink = new RecordingSink();
  const scenario = two();
  (scenario.gpus[0] as { lost?: string }).lost = 'absent';
  run(scenario);
  await until('lost', () => sink.kinds().includes('gpu_lost'));
  expect(sink.presence()).toEqual({ [A]: 'missing', [B]: 'present' });
});

it.each(['unknown-error', 'is-lost', 'requires-reset'] as const)(
  'a GPU that is %s gives faults and never a 0',
  async (lost) => {
    run(two());
    await until('an inventory', () => sink.devices.length === 2);
    replay.update((s) => {
      (s.gpus[0] as { lost?: string }).lost = lost;
    });
    await until('an event', () => sink.kinds().includes('gpu_fault'));
    expect(sink.events.find((e) => e.kind === 'gpu_fault')).toMatchObject({ device: A, severity: 'critical' });
    const newest = sink.of(A).at(-1)?.values ?? new Map<number, Reading>();
    expect(newest.size).toBeGreaterThan(10);
    expect([...newest.values()].filter((reading) => typeof reading === 'number')).toEqual([]);
    expect([newest.get(UTILIZATION), newest.get(POWER)]).toEqual(['fault', 'fault']);
    await until('unhealthy', () => sink.devices.find((d) => d.uuid === A)?.health === 'unhealthy');
    expect(sink.presence()).toEqual({ [A]: 'present', [B]: 'present' });
    expect(sink.of(B).at(-1)?.values.get(UTILIZATION)).toBe(0);
  },
);

it('falls back to single calls where only the loop mode gives errors', async () => {
  run(two({ faults: [{ kind: 'loop-unknown-error', use: 'loop', afterRounds: 1 }] }));
  await until('degraded', () => sink.last().startsWith("degraded: This driver's loop mode"));
  const seen = sink.samples.length;
  await until('more samples', () => sink.samples.length >= seen + 6);
  expect(sink.of(A).at(-1)?.values.get(UTILIZATION)).toBe(87);
  expect(lives(loops()[0]?.pid as number)).toBe(false);
});

it('finds out which field a driver refuses although it lists it', async () => {
  run(two({ withoutFields: ['clocks_event_reasons.active', 'utilization.decoder'] }));
  await until('samples', () => sink.of(B).length > 0);
  expect(sink.of(A)[0]?.values.get(metricId('decoder_utilization'))).toBe('unsupported');
  expect(sink.of(A)[0]?.values.get(UTILIZATION)).toBe(87);
});

it('bears garbage, and lines between rounds', async () => {
  run(two({ faults: [{ kind: 'stray', text: 'NVRM: Xid (PCI:0000:01:00): 79, GPU has fallen off the bus.' }] }));
  await until('an Xid', () => sink.xids.length > 0);
  await until('samples', () => sink.of(B).length > 3);
  expect(sink.xids[0]).toMatchObject({ code: 79, busId: '0000:01:00', source: 'nvidia-smi' });
  replay.update((s) => {
    s.faults = [{ kind: 'garbage' }];
  });
  await until('failed', () => sink.last().startsWith('failed: nvidia-smi prints something that is no table'));
});

it('goes on reading when the snapshot is cut off', async () => {
  run(two({ faults: [{ kind: 'truncated-xml' }] }));
  await until('degraded', () => sink.last().startsWith('degraded: The GPUs are read, their inventory is not'));
  const seen = sink.of(A).length;
  await until('more samples', () => sink.of(A).length > seen + 2);
});

it('tells of a new driver, and asks it for its fields', async () => {
  run(two({ driverVersion: '590.48.01' }));
  await until('an inventory', () => sink.last().includes('590.48.01'));
  replay.update((s) => {
    s.driverVersion = '595.80';
  });
  await until('the change', () => sink.kinds().includes('driver_changed'));
  await until('a second loop', () => loops().length === 2);
  expect(replay.calls().filter((call) => call.argv.includes('--help-query-gpu'))).toHaveLength(2);
});

it('reads at the interval that the server asks for', async () => {
  run(two());
  await until('samples', () => sink.samples.length > 4);
  collector.setInterval(0.3);
  await until('a second loop', () => loops().length === 2);
  expect(loops().map((call) => call.argv.at(-1))).toEqual(['100', '300']);
  const seen = sink.samples.length;
  await until('more samples', () => sink.samples.length > seen + 4);
  expect(sink.kinds()).toEqual([]);
});

it('ends the hung loop that an agent left behind when it was killed', async () => {
  replay = writeScenario(join(folder, 'tool'), two({ faults: [{ kind: 'hang', use: 'loop' }] }));
  const orphan = spawn(replay.executable, ['--query-gpu=index,uuid', '-lms', '100'], {
    detached: true,
    stdio: 'ignore',
  });
  await until('a hung loop', () => loops().length === 1);
  mkdirSync(join(folder, 'state'));
  new Leftover(join(folder, 'state', 'nvidia-smi.pid')).remember(orphan.pid as number);
  run(two());
  await until('a new loop', () => sink.samples.length > 0);
  expect(lives(orphan.pid as number)).toBe(false);
  expect(sink.states.filter((state) => state.startsWith('failed'))).toEqual([]);
});

it('says in one sentence that there is no nvidia-smi, and is quiet', async () => {
  run(two(), join(folder, 'nowhere', 'nvidia-smi'));
  await until('unavailable', () => sink.states.length > 0);
  expect(sink.states).toEqual([
    expect.stringMatching(/^unavailable: .*nvidia-smi is not on this host.*FLOTILLA_NVIDIA_SMI/),
  ]);
  expect(sink.events).toEqual([]);
});
