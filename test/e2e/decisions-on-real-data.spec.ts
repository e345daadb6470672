/** The default idle policy and its sweep over the real use of GPUs, and the same worked out once more in the simplest way. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricId, POLICY_TEMPLATES } from '@flotilla/domain';
import { startTestApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { createDevice } from '../support/telemetry.js';
import { testData } from '../support/nvidia-smi-replay/index.js';

const TRACE = join(testData(), 'traces', 'alibaba-gentd26-pod-gpu-util-mem.csv');
const DAY_MINUTES = 1_440;
/** The day before yesterday in all time zones: the trace begins at its midnight. */
const START = Math.floor(Date.now() / 86_400_000) * DAY_MINUTES - 2 * DAY_MINUTES;
const IDLE = { metric: 'gpu_utilization', operator: 'lt', threshold: 5, duration: 120 };

interface Pod {
  readonly name: string;
  /** The highest reading of each minute, NaN where there is none; the sample of a minute, every 57 s, is one of at most two. */
  readonly utilization: Float64Array;
  readonly memoryMib: Float64Array;
}

function readPods(): Pod[] {
  const pods = new Map<string, Pod>();
  for (const line of readFileSync(TRACE, 'utf8').trim().split('\n').slice(1)) {
    const [second, name, utilization, memory] = line.trim().split(',') as [string, string, string, string];
    const empty = () => new Float64Array(DAY_MINUTES).fill(NaN);
    const pod = pods.get(name) ?? { name, utilization: empty(), memoryMib: empty() };
    pods.set(name, pod);
    const minute = Math.floor(Number(second) / 60);
    for (const [cell, values] of [
      [utilization, pod.utilization],
      [memory, pod.memoryMib],
    ] as const) {
      if (cell !== '')
        values[minute] = Math.fround(Math.max(Number(cell), Number.isNaN(values[minute]) ? 0 : values[minute]!));
    }
  }
  return [...pods.values()];
}

/** What "below T for D minutes", cooldown 60, would have done: looked up minute by minute, with nothing of the product. */
function bruteForce(pods: readonly Pod[], threshold: number, duration: number) {
  const sum = { triggers: 0, stops: 0, false_stops: 0, undecided_stops: 0, minutesOff: 0 };
  for (const { utilization } of pods) {
    let [last, offUntil] = [-1_000_000, -1];
    const holds = (m: number) => {
      if (m < duration - 1) return false;
      for (let b = m - duration + 1; b <= m; b++) if (!(utilization[b]! < threshold)) return false;
      return true;
    };
    for (let m = 0; m < DAY_MINUTES; m++) {
      // nothing is shorter than the cooldown between two of them, so an edge is the first minute after it
      if (!holds(m) || m - last < 60) continue;
      last = m;
      sum.triggers++;
      if (m < offUntil) continue;
      sum.stops++;
      let busy = m + 1;
      while (busy < 3 * DAY_MINUTES && !(utilization[busy]! >= 5)) busy++;
      // after the trace nobody knows anything; the machine counts as on until now
      const known = utilization.subarray(m + 1, m + 61).filter((value) => !Number.isNaN(value)).length;
      if (busy <= m + 60) sum.false_stops++;
      else if (known < 54) sum.undecided_stops++;
      offUntil = busy;
      if (busy < DAY_MINUTES) sum.minutesOff += busy - m - 1;
    }
  }
  return sum;
}

const describeIf = existsSync(TRACE) ? describe : describe.skip;
if (!existsSync(TRACE))
  process.stdout.write(`no real trace at ${TRACE}: decisions on real data are skipped (FLOTILLA_TEST_DATA)\n`);

describeIf('the default idle policy on 22.8 hours of 72 pods that serve models', () => {
  let app: TestApp;
  let viewer: string;
  let pods: Pod[];
  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
    pods = readPods();
    for (const pod of pods) await store(pod);
    await app.db.ingest((tx) =>
      tx.rows(
        `UPDATE flotilla.metric_packing SET hours_through = to_timestamp($1), late_before = to_timestamp($1), days_through = to_timestamp($1)::date`,
        [(START + DAY_MINUTES) * 60],
      ),
    );
  }, 60_000);
  afterAll(() => app?.close());

  /** Each pod as a machine with one GPU at 1 USD an hour, on while the trace knows it; its day as the packing leaves it. */
  async function store(pod: Pod): Promise<void> {
    const known = [...pod.utilization.keys()].filter((m) => !Number.isNaN(pod.utilization[m]!));
    const id = await app.db.system(async (tx) => {
      const row = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, gpu_count, state, hourly_cost, placement)
         VALUES ($1, 'aws', $2, 1, 'running', 1, '{"lifecycle": "on_demand", "local_disks": "none"}') RETURNING id`,
        [app.tenantId, pod.name],
      );
      await tx.rows('UPDATE flotilla.instance_spans SET since = to_timestamp($2) WHERE instance_id = $1', [
        row!.id,
        (START - DAY_MINUTES) * 60,
      ]);
      return row!.id;
    });
    expect(known.length).toBeGreaterThan(0);
    const device = await createDevice(app.db, app.tenantId, id, { uuid: `GPU-${pod.name}`, gpuIndex: 0 });
    for (const [metric, values] of [
      [metricId('gpu_utilization'), pod.utilization],
      [metricId('memory_used_mib'), pod.memoryMib],
    ] as const) {
      const numbers = [...values].map((value) => (Number.isNaN(value) ? null : value));
      const minutes = [...numbers, ...numbers, ...numbers, ...numbers.map((value) => (value === null ? null : 1))];
      await app.db.ingest((tx) =>
        tx.rows(
          `INSERT INTO flotilla.gpu_days (tenant_id, device_id, day, metric, hours, minutes)
           VALUES ($1, $2, (to_timestamp($3) AT TIME ZONE 'UTC')::date, $4, array_fill(NULL::real, ARRAY[96]), $5::real[])`,
          [app.tenantId, device, START * 60, metric, minutes],
        ),
      );
    }
  }
  const simulate = async (body: object) => {
    const answer = await app.call('POST', '/api/enforcement-policies/simulate', {
      as: viewer,
      body: {
        conditions: IDLE,
        lookback_days: 3,
        cooldown_minutes: 60,
        gate: false,
        limit: 100,
        cap_per_run_percent: 100,
        cap_per_day_percent: 100,
        ...body,
      },
    });
    expect([answer.status, answer.body.error]).toEqual([200, undefined]);
    return answer.body.data;
  };

  it('has the thresholds that the template has', () => {
    const template = POLICY_TEMPLATES.find(({ id }) => id === 'idle-stop')!;
    const { metric, operator, threshold, duration } = IDLE;
    expect(template.rules.conditions).toEqual({ metric, operator, threshold, durationMinutes: duration });
    expect(template.rules.cooldownMinutes).toBe(60);
  });

  it('stops, errs and saves what a count by hand says, and what the documentation reports', async () => {
    expect(pods).toHaveLength(72);
    const { minutesOff, ...counts } = bruteForce(pods, 5, 120);
    const answer = await simulate({ sweep: true });
    const ended = answer.episodes.filter((one: { busy_again_at: string | null }) => one.busy_again_at !== null);
    const hours = ended.reduce((sum: number, one: { priced_hours: number }) => sum + one.priced_hours, 0);
    expect({
      triggers: answer.total_triggers,
      stops: answer.total_stops,
      false_stops: answer.false_stops,
      undecided_stops: answer.undecided_stops,
      minutesOff: Math.round(hours * 60),
    }).toEqual({ ...counts, minutesOff });
    // docs/decisions.md
    expect(counts).toMatchObject({ stops: 46, false_stops: 9, undecided_stops: 5 });
    expect(answer.precision).toBeCloseTo(32 / 41, 6);
    expect(Math.round(answer.avoidable[0].amount)).toBe(86);

    for (const [threshold, duration] of [
      [5, 30],
      [5, 60],
      [1, 120],
      [20, 120],
      [5, 240],
    ] as const) {
      const cell = answer.sweep.curve.find(
        (one: { threshold: number; duration: number }) => one.threshold === threshold && one.duration === duration,
      );
      const { minutesOff: _, ...expected } = bruteForce(pods, threshold, duration);
      expect({ threshold, duration, ...pick(cell) }).toEqual({ threshold, duration, ...expected });
    }
  });

  it('is held back by the gate wherever a model is loaded, which is everywhere', async () => {
    const answer = await simulate({ gate: true });
    expect(answer.blocked.gate_checks.model_server ?? 0).toBeGreaterThan(0.9 * answer.blocked.gate);
    expect(answer.total_stops).toBe(0);
    expect(answer.blocked.gate).toBe(answer.total_triggers);
  });
});

const pick = (cell: Record<string, number>) => ({
  triggers: cell['triggers'],
  stops: cell['stops'],
  false_stops: cell['false_stops'],
  undecided_stops: cell['undecided_stops'],
});
