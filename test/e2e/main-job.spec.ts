import { Api } from './support/api.js';
import type { Json } from './support/api.js';
import { Host } from './support/host.js';
import { captureCells, gpuCapture, podOnAGpu, podTraces, TRACE_STEP_S } from './support/real-data.js';
import { System } from './support/system.js';
import { until } from './support/until.js';

/**
 * The main job on real input: measure, find the idle one, stop it once, prove it. Everything runs as a user runs it:
 * `npm start`, agents with a token, the API by HTTP.
 */
describe('the main job', () => {
  const capture = gpuCapture();
  let system: System;
  let api: Api;
  let busy: Host;
  let idle: Host;
  let traced: Host;
  const trace = podOnAGpu();

  beforeAll(async () => {
    system = await System.start();
    api = await system.login();
    const gpu = (state: 'load' | 'idle', uuid: string) => ({ gpus: [{ capture: capture.folder, state, uuid }] });
    busy = new Host(system, 'busy-host', { scenario: gpu('load', 'GPU-b0000000-0000-0000-0000-000000000001') });
    idle = new Host(system, 'idle-host', {
      scenario: gpu('idle', 'GPU-1d1e0000-0000-0000-0000-000000000002'),
      hourlyCost: 2.99,
    });
    traced = new Host(system, 'traced-host', {
      scenario: {
        gpus: [{ capture: capture.folder, state: 'load', uuid: 'GPU-7ace0000-0000-0000-0000-000000000003', trace }],
      },
    });
    await Promise.all([busy.start(api), idle.start(api), traced.start(api)]);
  }, 180_000);

  afterAll(async () => {
    await Promise.all([busy?.stop(), idle?.stop(), traced?.stop()]);
    await system?.stop();
  }, 60_000);

  it('runs an agent for this host too, which has no GPU to show and says so', async () => {
    const agents = await until('four agents are connected', async () => {
      const { data } = await api.get('/agents');
      return data.filter((agent: Json) => agent.connected).length === 4 ? data : null;
    });
    expect(agents).toHaveLength(4);
  }, 30_000);

  it('gives back the values that the driver printed, exactly', async () => {
    const instance = await busy.instance(api);
    expect(instance.gpus).toMatchObject([{ uuid: 'GPU-b0000000-0000-0000-0000-000000000001', kind: 'gpu' }]);
    const cells = captureCells(capture.folder, 'load');
    const printed = (field: string) => Number(/^[\d.]+/.exec(cells.get(field) ?? '')?.[0]);
    const expected: Record<string, number> = {
      gpu_utilization: printed('utilization.gpu'),
      memory_controller_utilization: printed('utilization.memory'),
      memory_used_mib: printed('memory.used'),
      memory_total_mib: printed('memory.total'),
      temperature: printed('temperature.gpu'),
      power_draw: printed('power.draw'),
      power_limit: printed('enforced.power.limit'),
      sm_clock: printed('clocks.current.sm'),
      memory_clock: printed('clocks.current.memory'),
      memory_reserved_mib: printed('memory.reserved'),
      memory_free_mib: printed('memory.free'),
      temperature_margin: printed('temperature.gpu.tlimit'),
      power_draw_instant: printed('power.draw.instant'),
      graphics_clock: printed('clocks.current.graphics'),
      video_clock: printed('clocks.current.video'),
      performance_state: 0,
      remapped_rows_failure: 0,
      pcie_generation: printed('pcie.link.gen.current'),
      pcie_width: printed('pcie.link.width.current'),
    };
    const series = await until(
      'a closed minute of the busy GPU is stored',
      async () => {
        const { data } = await api.get(`/instances/${instance.id}/metrics?resolution=raw&hours=1&gpu_index=0`);
        return data.series.length > 0 ? (data.series as Json[]) : null;
      },
      { withinMs: 100_000, because: () => busy.output.slice(-2000) },
    );
    const names = series.map((one) => one.metric);
    for (const [metric, value] of Object.entries(expected)) {
      const { points } = series.find((one) => one.metric === metric) ?? { points: [] };
      expect([metric, [...new Set(points.map((point: Json) => point.avg))]]).toEqual([metric, [value]]);
    }
    // the H100 has no fan: a value that the driver does not have is no series, and never 0
    if (cells.get('fan.speed') === '[N/A]') expect(names).not.toContain('fan_speed');
  }, 120_000);

  it('gives back a real utilisation trace second by second, and no second that the trace lacks', async () => {
    const instance = await traced.instance(api);
    const seconds = await until(
      'a closed minute of the traced GPU is stored',
      async () => {
        const path = `/instances/${instance.id}/metrics?resolution=raw&hours=1&metric=gpu_utilization`;
        const { data } = await api.get(path);
        return (data.series[0]?.points as Json[] | undefined) ?? null;
      },
      { withinMs: 100_000, because: () => traced.output.slice(-2000) },
    );
    // each round printed the next point of the trace: what came back must be the trace, in order, less the rounds that
    // fell into one second or had no value
    const printed = trace.points.map((point) => point.util).filter((util) => util !== null);
    let at = -1;
    let skipped = 0;
    for (const { avg } of seconds) {
      const next = printed.indexOf(avg, at + 1);
      expect(next).toBeGreaterThan(at);
      skipped += at < 0 ? 0 : next - at - 1;
      at = next;
    }
    expect(skipped).toBeLessThanOrEqual(seconds.length * 0.2);
  }, 120_000);

  it('lists the idle GPU with its dollars, and never the busy one', async () => {
    const [found, { data: all }] = await until(
      'the idle host is listed as idle for a minute',
      async () => {
        const answer = await api.get('/instances/status/idle?for_minutes=1');
        const one = answer.data.find((entry: Json) => entry.instance.instance_id === 'idle-host');
        return one ? [one as Json, answer as Json] : null;
      },
      { withinMs: 150_000, because: () => idle.output.slice(-2000) },
    );
    const cells = captureCells(capture.folder, 'idle');
    expect(found.evidence.gpu_utilization).toBe(Number.parseFloat(cells.get('utilization.gpu')!));
    expect(found.hourly_cost).toBe(2.99);
    expect(found.idle_minutes).toBeGreaterThanOrEqual(1);
    // 2.99 $/h × minutes ÷ 60, to the cent
    expect(found.wasted_cost).toBeCloseTo((2.99 * found.idle_minutes) / 60, 2);
    expect(all.map((entry: Json) => entry.instance.instance_id)).not.toContain('busy-host');
  }, 180_000);

  it('tells idle from busy on a real utilisation trace, at the default thresholds', async () => {
    // 40 samples of 57 s are 38 minutes: enough for the default of 30, from an hour of the trace with many of both kinds
    const { pods, isReal } = podTraces(TRACE_STEP_S * 1160, 40);
    const key = (await api.post('/api-keys', { name: 'trace', scopes: ['agent'] })).data.key as string;
    const sync = Api.withKey(system.address, key);
    const endMs = Date.now() - 2_000;
    const metrics = pods.flatMap(({ pod, utilization }) =>
      utilization.flatMap((value, i) =>
        value === null
          ? []
          : {
              instance_id: `trace-${pod}`,
              timestamp: new Date(endMs - (utilization.length - 1 - i) * TRACE_STEP_S * 1000).toISOString(),
              gpu_index: 0,
              gpu_utilization: value,
              interval_s: TRACE_STEP_S,
            },
      ),
    );
    const instances = pods.map(({ pod }) => ({
      instance_id: `trace-${pod}`,
      cloud_provider: 'on_prem',
      state: 'running',
      gpu_count: 1,
      hourly_cost: '1.25',
      controls: [],
    }));
    const body = { instances, metrics };
    const first = (await sync.post('/sync', body)).data;
    expect(first.metrics).toMatchObject({ accepted: metrics.length, duplicates: 0, rejected: [] });
    expect((await sync.post('/sync', body)).data.metrics).toMatchObject({ accepted: 0, duplicates: metrics.length });

    // an oracle of its own, straight from the trace
    const quietMinutes = new Map(pods.map(({ pod, utilization }) => [`trace-${pod}`, minutesQuiet(utilization)]));
    const listed = (await api.get('/instances/status/idle?limit=200')).data
      .map((entry: Json) => entry.instance.instance_id as string)
      .filter((id: string) => id.startsWith('trace-'));
    // within two minutes of the threshold the last, unfinished minute decides: left out, and counted
    const near = [...quietMinutes].filter(([, minutes]) => Math.abs(minutes - 30) < 2.5).map(([id]) => id);
    const idleByOracle = [...quietMinutes].filter(([id, m]) => m >= 30 && !near.includes(id)).map(([id]) => id);
    expect(listed.filter((id: string) => !near.includes(id)).sort()).toEqual(idleByOracle.sort());
    expect(idleByOracle.length).toBeGreaterThan(0);
    expect(idleByOracle.length).toBeLessThan(pods.length - near.length);
    process.stdout.write(
      `trace${isReal ? '' : ' (made up)'}: ${pods.length} pods, ${idleByOracle.length} idle, ${near.length} too near the threshold to say\n`,
    );
  }, 60_000);

  it('stops the idle host once, verifies it, and shows how', async () => {
    const instance = await idle.instance(api);
    const { data: asked } = await api.post(`/instances/${instance.id}/stop`, { reason: 'idle', force: true });
    expect(asked.action_id).toMatch(/^act_/);
    const action = await until('the stop has ended', async () => {
      const { data } = await api.get(`/actions/${asked.action_id}`);
      return ['queued', 'dispatched', 'running'].includes(data.status) ? null : (data as Json);
    });
    expect(action).toMatchObject({ status: 'succeeded', result: { observed_state: 'stopped', exit_code: 0 } });
    expect(action.timeline.map((step: Json) => step.to)).toEqual(['queued', 'dispatched', 'running', 'succeeded']);
    expect(idle.commandsRun()).toEqual(['stop']);
    expect(idle.workload).toBe('stopped');
    expect(busy.commandsRun()).toEqual([]);
    const audited = (await api.get('/audit?limit=50')).data.map((event: Json) => event.event_type);
    expect(audited.filter((type: string) => type.startsWith('action.')).length).toBeGreaterThanOrEqual(2);
  }, 60_000);
});

/** How long the last run of samples below 5 % is; more than three minutes without a sample end it. */
function minutesQuiet(utilization: readonly (number | null)[]): number {
  let missing = 0;
  let length = 0;
  for (const value of [...utilization].reverse()) {
    missing = value === null ? missing + 1 : 0;
    if ((value !== null && value >= 5) || missing > 3) break;
    length += 1;
  }
  return ((length - missing) * TRACE_STEP_S) / 60;
}
