import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { aMinute, createDevice } from '../../../../test/support/telemetry.js';
import { MetricsIngest, MetricsPacking } from '../metrics/index.js';

const DAY_S = 86_400;
/** A day that is over. */
const START_S = Math.floor(Date.now() / 1000 / DAY_S) * DAY_S - DAY_S;
const clock = (time: string) => {
  const [hour, minute] = time.split(':');
  return START_S + Number(hour) * 3_600 + Number(minute) * 60;
};
const iso = (time: string) => new Date(clock(time) * 1000).toISOString();
const IDLE = { metric: 'gpu_utilization', operator: 'lt', threshold: 5, duration: 60 };

describe('POST /enforcement-policies/simulate', () => {
  let app: TestApp;
  let viewer: string;
  let serial = 0;

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    await app.db.system((tx) => tx.rows('DELETE FROM flotilla.instances'));
    await app.db.ingest((tx) =>
      tx.rows(
        'UPDATE flotilla.metric_packing SET hours_through = DEFAULT, late_before = DEFAULT, days_through = DEFAULT',
      ),
    );
  });

  /** A machine that runs since the day before, with a GPU that was used from time to time as the list says. */
  async function machine(
    use: readonly (readonly [from: string, to: string, percent: number, memoryMib?: number])[],
    options: { price?: string | null; tags?: object; placement?: object } = {},
  ) {
    const providerId = `i-${serial++}`;
    const id = await app.db.system(async (tx) => {
      const row = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, gpu_count, state, hourly_cost, tags, placement)
         VALUES ($1, 'aws', $2, 1, 'running', $3, $4, $5) RETURNING id`,
        [
          app.tenantId,
          providerId,
          options.price === undefined ? '6' : options.price,
          options.tags ?? {},
          options.placement ?? {},
        ],
      );
      await tx.rows('UPDATE flotilla.instance_spans SET since = $1 WHERE instance_id = $2', [
        new Date((START_S - DAY_S) * 1000),
        row!.id,
      ]);
      return row!.id;
    });
    const device = await createDevice(app.db, app.tenantId, id, { uuid: `GPU-${id}`, gpuIndex: 0 });
    const samples = use.flatMap(([from, to, percent, memory]) =>
      Array.from({ length: (clock(to) - clock(from)) / 60 }, (_, m) => ({
        deviceId: device,
        minute: aMinute(clock(from) + m * 60, {
          gpu_utilization: percent,
          ...(memory !== undefined && { memory_used_mib: memory }),
        }),
      })),
    );
    const ingest = app.app.get(MetricsIngest, { strict: false });
    await ingest.storeSamples(app.tenantId, '00000000-0000-0000-0000-000000000001', samples);
    return providerId;
  }
  const simulate = async (body: object) => {
    const answer = await app.call('POST', '/api/enforcement-policies/simulate', {
      as: viewer,
      body: { lookback_days: 3, gate: false, conditions: IDLE, ...body },
    });
    expect([answer.status, answer.body.error]).toEqual([200, undefined]);
    return answer.body.data;
  };
  const pack = () => app.app.get(MetricsPacking, { strict: false }).pack(Date.now());

  it('tells triggers, stops, false stops and dollars, the same from minutes and from packed days', async () => {
    // caps are parts of the fleet
    for (let n = 0; n < 3; n++) await machine([]);
    const id = await machine([
      ['00:00', '06:00', 0],
      ['06:00', '06:30', 80],
      ['06:30', '07:45', 2],
      ['07:45', '08:00', 80],
    ]);
    const expected = {
      // 00:59 is the sixtieth quiet minute; the tree stays true, so there is one after each cooldown; then 06:30 + 59 minutes
      triggers: ['00:59', '01:59', '02:59', '03:59', '04:59', '05:59', '07:29'].map((time) =>
        expect.objectContaining({ timestamp: iso(time), instance_id: id }),
      ),
      total_triggers: 7,
      affected_instances: [id],
      total_stops: 2,
      false_stops: 1,
      undecided_stops: 0,
      precision: 0.5,
      // 01:00 to 06:00 and 07:30 to 07:45 at 6 USD: 30 + 1.5
      avoidable: [{ currency: 'USD', amount: 31.5 }],
      priced_hours: 5.25,
      unpriced_hours: 0,
      episodes: [
        expect.objectContaining({
          instance_number: expect.any(Number),
          stopped_at: iso('01:00'),
          busy_again_at: iso('06:00'),
          outcome: 'right',
        }),
        expect.objectContaining({ stopped_at: iso('07:30'), busy_again_at: iso('07:45'), outcome: 'false_stop' }),
      ],
    };
    const fresh = await simulate({});
    expect(fresh).toMatchObject(expected);
    expect(fresh.triggers[6].conditions_met).toEqual([{ ...IDLE, value: 2 }]);
    await pack();
    expect(await simulate({})).toEqual({ ...fresh, evaluated: expect.anything() });
  });

  it('counts time at an unknown price apart, and time that is paid anyhow', async () => {
    await machine([['00:00', '04:00', 0]], { price: null });
    await machine([['00:00', '04:00', 0]], { placement: { lifecycle: 'reserved' } });
    const answer = await simulate({ cap_per_run_percent: 100, cap_per_day_percent: 100 });
    expect(answer.avoidable).toEqual([]);
    // 01:00 to the last minute that is known
    expect(answer.unpriced_hours).toBe(3);
    expect(answer.unsaved_hours).toBe(answer.unpriced_hours);
  });

  it('tells what schedule, cooldown, protection and caps kept back', async () => {
    const quietTwice = [
      ['00:00', '02:00', 0],
      ['02:00', '02:10', 90],
      ['02:10', '04:00', 0],
    ] as const;
    for (let n = 0; n < 4; n++) await machine(quietTwice);
    await machine(quietTwice, { tags: { 'do-not-stop': 'true' } });
    const rest = { cooldown_minutes: 600, cap_per_run_percent: 25, cap_per_day_percent: 40 };
    const answer = await simulate(rest);
    // one of five is 25 %, two are 40 %; the second quiet time is within the cooldown of the first
    expect(answer.blocked).toMatchObject({ cooldown: 5, protection: 1, schedule: 0, cap_per_run: 3 });
    expect(answer.total_stops).toBe(1);
    const day = new Date(START_S * 1000).getUTCDay() || 7;
    const otherDay = (day % 7) + 1;
    const closed = await simulate({ ...rest, schedule: { timezone: 'UTC', active_days: [otherDay] } });
    expect(closed.total_triggers).toBe(0);
    expect(closed.blocked.schedule).toBe(10);
  });

  it('asks the safe-stop gate: a loaded model is not an idle machine', async () => {
    const parked = await machine([['00:00', '03:00', 0, 40_000]]);
    const empty = await machine([['00:00', '03:00', 0, 3]], {
      placement: { local_disks: 'none', lifecycle: 'on_demand' },
    });
    // what the driver itself holds is known from the board at its emptiest
    const driver = await machine(
      [
        ['00:00', '03:00', 0, 449],
        ['03:00', '03:30', 90, 60_000],
      ],
      { placement: { local_disks: 'none', lifecycle: 'on_demand' } },
    );
    const answer = await simulate({ gate: true, cap_per_run_percent: 100, cap_per_day_percent: 100 });
    expect(
      answer.instances.map((one: { instance_id: string; stops: number }) => [one.instance_id, one.stops > 0]),
    ).toEqual([
      [parked, false],
      [empty, true],
      [driver, true],
    ]);
    expect(answer.blocked.gate_checks.model_server).toBe(answer.blocked.gate);
  });

  it('sweeps thresholds and durations, and the curve goes through the policy', async () => {
    for (let n = 0; n < 3; n++) await machine([]);
    await machine([
      ['00:00', '02:00', 0],
      ['02:00', '02:30', 7],
      ['02:30', '05:00', 3],
      ['05:00', '05:10', 60],
    ]);
    const answer = await simulate({
      sweep: true,
      conditions: { operator: 'AND', rules: [IDLE, { metric: 'hourly_cost', operator: 'gt', threshold: 5 }] },
    });
    const own = answer.sweep.curve.find(
      (cell: { threshold: number; duration: number }) => cell.threshold === 5 && cell.duration === 60,
    );
    expect(own).toMatchObject({
      triggers: answer.total_triggers,
      stops: answer.total_stops,
      avoidable: answer.avoidable,
      false_stops: answer.false_stops,
    });
    expect(answer.total_stops).toBeGreaterThan(0);
    expect(answer.sweep.curve).toHaveLength(99);
  });

  it('refuses metrics that do not exist, and names what may have been meant', async () => {
    const { status, body } = await app.call('POST', '/api/enforcement-policies/simulate', {
      as: viewer,
      body: { conditions: { ...IDLE, metric: 'gpu_utilisation' } },
    });
    expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(body.error).toContain('gpu_utilization');
  });

  it('triggers once for the tenant where the conditions are about the tenant', async () => {
    const id = await machine([['00:00', '04:00', 0]]);
    const answer = await simulate({
      conditions: { metric: 'days_remaining_in_month', operator: 'gte', threshold: 0 },
      cooldown_minutes: 1_440,
    });
    expect(answer.total_triggers).toBe(3);
    expect(answer.triggers[0].instance_id).toBeNull();
    expect(answer.affected_instances).toEqual([id]);
  });
});
