import { judgeStop, protectionTag, spreadOf, whyNotAllowed } from './index.js';
import type {
  GpuEvidence,
  MachineFacts,
  ProcessEvidence,
  Spread,
  StopCheck,
  StopEvidence,
  StopGateSettings,
} from './index.js';
import { DEFAULT_STOP_GATE } from './index.js';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const flat = (value: number): Spread => ({ p95: value, low: value, recentMax: value });
const gpu = (more: Partial<GpuEvidence> = {}): GpuEvidence => ({
  uuid: 'GPU-1',
  parentUuid: null,
  present: true,
  coverage: 1,
  smActivity: null,
  gpuUtilization: flat(0),
  memoryUsed: flat(4),
  memoryTotalMib: 81_920,
  memoryFloorMib: 4,
  power: flat(62),
  powerFloorW: 60,
  powerLimitW: 400,
  links: flat(10),
  ...more,
});
const machine: MachineFacts = {
  label: 'i-1',
  cloudProvider: 'aws',
  instanceType: 'p3.2xlarge',
  state: 'running',
  stateSinceMs: NOON - 600 * MINUTE,
  protected: false,
  tags: {},
  lifecycle: 'on_demand',
  autoScalingGroup: null,
  kubernetesNode: null,
  slurmNode: null,
  localDisks: null,
  gpuCount: 1,
};
const process = (more: Partial<ProcessEvidence> = {}): ProcessEvidence => ({
  device: 'GPU-1',
  pid: 7,
  name: 'python',
  startedAtMs: NOON - 300 * MINUTE,
  usedMemoryMib: 70_000,
  smPercent: 0,
  slurmJobId: null,
  pod: null,
  ...more,
});
const listed = (...list: ProcessEvidence[]) => ({ processes: { atMs: NOON - 20_000, list } });
const evidence = (more: Partial<StopEvidence> = {}, facts: Partial<MachineFacts> = {}): StopEvidence => ({
  atMs: NOON,
  machine: { ...machine, ...facts },
  window: { fromMs: NOON - 30 * MINUTE, toMs: NOON },
  gpus: [gpu()],
  hostCoverage: 1,
  network: flat(1000),
  processes: { atMs: NOON - 20_000, list: [] },
  callsServed: null,
  commitment: { share: 0, asOf: '2026-02-28' },
  maintenance: null,
  openAction: null,
  ...more,
});
const verdict = (asked: StopEvidence, check: StopCheck, settings?: Partial<StopGateSettings>) =>
  judgeStop(asked, { settings: { ...DEFAULT_STOP_GATE, ...settings } }).checks.find((one) => one.check === check)!;

describe('the safe-stop gate', () => {
  it('lets an empty machine be stopped, and answers every check', () => {
    const judged = judgeStop(evidence());
    expect(judged.checks.filter(({ verdict: v }) => v !== 'pass')).toEqual([]);
    expect(judged).toMatchObject({ allowed: true, class: 'empty_idle' });
    expect(judged.checks).toHaveLength(14);
    expect(whyNotAllowed(judged)).toBeNull();
  });

  it.each<[string, StopEvidence, StopCheck, 'refuse' | 'unknown', RegExp]>([
    ['stopped already', evidence({}, { state: 'stopped' }), 'state', 'refuse', /nothing to stop/],
    ['a state that nobody knows', evidence({}, { state: 'unknown' }), 'state', 'unknown', /Nobody knows/],
    ['protection', evidence({}, { protected: true }), 'protection', 'refuse', /protected/],
    ['a tag', evidence({}, { tags: { 'do-not-stop': 'yes' } }), 'protection', 'refuse', /"do-not-stop"/],
    ['another action', evidence({ openAction: { id: 'act_1', status: 'running' } }), 'open_action', 'refuse', /act_1/],
    ['maintenance', evidence({ maintenance: { name: 'Move', endsAtMs: NOON } }), 'maintenance', 'refuse', /"Move"/],
    ['a start 29 minutes ago', evidence({}, { stateSinceMs: NOON - 29 * MINUTE }), 'recent_start', 'refuse', /29 min/],
    ['coverage of 89.9 %', evidence({ gpus: [gpu({ coverage: 0.899 })] }), 'coverage', 'refuse', /Only 89.9 %/],
    ['one GPU of two', evidence({}, { gpuCount: 2 }), 'coverage', 'unknown', /Only 1 of its 2/],
    ['nothing measured', evidence({ gpus: [] }), 'coverage', 'unknown', /Nothing was measured/],
    [
      'silence',
      evidence({ window: { fromMs: NOON - 40 * MINUTE, toMs: NOON - 6 * MINUTE } }),
      'coverage',
      'unknown',
      /nobody knows what it does since/,
    ],
    ['a busy GPU', evidence({ gpus: [gpu({ gpuUtilization: flat(90) })] }), 'activity', 'refuse', /works/],
    [
      'a job that has just begun',
      evidence({ gpus: [gpu({ gpuUtilization: { p95: 0, low: 0, recentMax: 99 } })] }),
      'activity',
      'refuse',
      /99 % at most in the last minutes/,
    ],
    ['a lost GPU', evidence({ gpus: [gpu({ present: false })] }), 'activity', 'unknown', /lost by its driver/],
    ['no utilisation', evidence({ gpus: [gpu({ gpuUtilization: null })] }), 'activity', 'unknown', /reports neither/],
    [
      'a new process',
      evidence(listed(process({ startedAtMs: NOON - 5 * MINUTE }))),
      'processes',
      'refuse',
      /python \(pid 7\) began at/,
    ],
    ['cores kept busy', evidence(listed(process({ smPercent: 12 }))), 'processes', 'refuse', /12 % of the cores/],
    [
      'a process on a GPU that nobody watches',
      evidence(listed(process({ device: 'GPU-9' }))),
      'processes',
      'refuse',
      /activity is not reported/,
    ],
    [
      'an old list, and memory in use',
      evidence({ processes: { atMs: NOON - 181_000, list: [] }, gpus: [gpu({ memoryUsed: flat(9000) })] }),
      'processes',
      'unknown',
      /Nobody knows which processes/,
    ],
    ['calls', evidence({ callsServed: 3 }), 'model_server', 'refuse', /3 calls/],
    ['a parked model', evidence(listed(process())), 'model_server', 'refuse', /parked.*held by python/],
    ['a Slurm job', evidence(listed(process({ slurmJobId: '81' }))), 'jobs', 'refuse', /Slurm job 81/],
    ['a pod', evidence(listed(process({ pod: 'ml/train-0' }))), 'jobs', 'refuse', /pod ml\/train-0/],
    ['a node without a list', evidence({ processes: null }, { slurmNode: 'n1' }), 'jobs', 'unknown', /node n1/],
    ['p4d', evidence({}, { instanceType: 'p4d.24xlarge' }), 'local_disks', 'refuse', /gone for good/],
    ['p5', evidence({}, { instanceType: 'p5.48xlarge' }), 'local_disks', 'refuse', /p5.48xlarge/],
    ['g5', evidence({}, { instanceType: 'g5.xlarge' }), 'local_disks', 'refuse', /g5.xlarge/],
    ['disks by word', evidence({}, { localDisks: 'erased' }), 'local_disks', 'refuse', /gone for good/],
    ['a type nobody knows', evidence({}, { instanceType: 'z9.huge' }), 'local_disks', 'unknown', /Nobody knows/],
    ['a scaling group', evidence({}, { autoScalingGroup: 'web' }), 'auto_scaling', 'refuse', /scaling group web/],
    [
      'its tag',
      evidence({}, { tags: { 'aws:autoscaling:groupName': 'w' } }),
      'auto_scaling',
      'refuse',
      /scaling group w/,
    ],
    ['spot', evidence({}, { lifecycle: 'spot' }), 'spot', 'refuse', /spot machine/],
    ['reserved', evidence({}, { lifecycle: 'reserved' }), 'commitment', 'refuse', /saves nothing/],
    [
      'a commitment on the bill',
      evidence({ commitment: { share: 0.8, asOf: '2026-02-28' } }),
      'commitment',
      'refuse',
      /80 %/,
    ],
  ])('stands in the way: %s', (_, asked, check, expected, reason) => {
    const found = verdict(asked, check);
    expect(found).toMatchObject({ verdict: expected, blocks: true });
    expect(found.reason).toMatch(reason);
    expect(judgeStop(asked).allowed).toBe(false);
  });

  it.each<[string, StopEvidence, StopCheck]>([
    ['no bill', evidence({ commitment: null }), 'commitment'],
    ['no word on how it is paid', evidence({}, { lifecycle: null }), 'spot'],
    ['no word since when it runs', evidence({}, { stateSinceMs: null }), 'recent_start'],
  ])('says what is not known and lets it pass: %s', (_, asked, check) => {
    expect(verdict(asked, check)).toMatchObject({ verdict: 'unknown', blocks: false });
    expect(judgeStop(asked).allowed).toBe(true);
  });

  it.each<[string, StopEvidence, Partial<StopGateSettings>]>([
    ['parked models', evidence(listed(process())), { parked: 'allow' }],
    ['local disks', evidence({}, { instanceType: 'g5.xlarge' }), { localDisks: 'allow' }],
    ['disks that nobody knows', evidence({}, { instanceType: null }), { unknownDisks: 'allow' }],
    ['spot', evidence({}, { lifecycle: 'spot' }), { spot: 'allow' }],
    ['commitments', evidence({}, { lifecycle: 'reserved' }), { committed: 'allow' }],
  ])('a tenant may accept %s, and the answer still says it', (_, asked, settings) => {
    const judged = judgeStop(asked, { settings: { ...DEFAULT_STOP_GATE, ...settings } });
    expect(judged.allowed).toBe(true);
    expect(judged.checks.filter(({ reason }) => /The settings of the gate accept that/.test(reason))).toHaveLength(1);
    expect(judgeStop(asked).allowed).toBe(false);
  });

  it('has a floor under the settings', () => {
    const lax = { minCoverage: 0.1, minRunningMinutes: 0 };
    expect(verdict(evidence({ gpus: [gpu({ coverage: 0.89 })] }), 'coverage', lax).verdict).toBe('refuse');
    expect(verdict(evidence({}, { stateSinceMs: NOON - 9 * MINUTE }), 'recent_start', lax).verdict).toBe('refuse');
    expect(verdict(evidence({}, { stateSinceMs: NOON - 10 * MINUTE }), 'recent_start', lax).verdict).toBe('pass');
  });

  it('stops what works only where somebody asked for that, and never what is protected or runs a job', () => {
    const busy = evidence({ gpus: [gpu({ gpuUtilization: flat(90) })] });
    expect(judgeStop(busy, { evenBusy: true })).toMatchObject({ allowed: true, class: 'busy' });
    expect(judgeStop({ ...busy, machine: { ...machine, protected: true } }, { evenBusy: true }).allowed).toBe(false);
    expect(judgeStop({ ...busy, ...listed(process({ slurmJobId: '1' })) }, { evenBusy: true }).allowed).toBe(false);
  });
});

describe('what a person may accept', () => {
  const g5 = evidence({}, { instanceType: 'g5.xlarge' });

  it('is a loss by its name, and nothing that protects', () => {
    expect(judgeStop(g5, { accept: ['spot'] }).allowed).toBe(false);
    expect(judgeStop(g5, { accept: ['local_disks'] })).toMatchObject({ allowed: true });
    const kept = evidence({}, { protected: true });
    expect(judgeStop(kept, { accept: ['protection', 'state', 'activity', 'coverage'] }).allowed).toBe(false);
  });

  it('is not asked where only a workload is stopped', () => {
    const disks = judgeStop(g5, { workload: true });
    expect(disks.allowed).toBe(true);
    expect(disks.checks.find(({ check }) => check === 'local_disks')?.reason).toMatch(/machine stays on/);
  });
});

describe('what a machine is doing', () => {
  it.each<[string, StopEvidence, string, string[]]>([
    ['off', evidence({}, { state: 'stopped' }), 'off', []],
    ['empty', evidence(), 'empty_idle', ['gpu_utilization', 'power', 'memory', 'links', 'network', 'processes']],
    ['a loaded model', evidence(listed(process())), 'parked', ['gpu_utilization', 'processes']],
    [
      'memory held by nobody knows whom',
      evidence({ processes: null, gpus: [gpu({ memoryUsed: flat(9000) })] }),
      'parked',
      [],
    ],
    [
      'full utilisation by a tiny kernel',
      evidence({ gpus: [gpu({ smActivity: flat(1), gpuUtilization: flat(100) })] }),
      'empty_idle',
      ['sm_activity'],
    ],
    ['a little work', evidence({ gpus: [gpu({ gpuUtilization: flat(5) })] }), 'underused', ['gpu_utilization']],
    ['much work', evidence({ gpus: [gpu({ gpuUtilization: flat(30) })] }), 'busy', []],
    ['copies', evidence({ gpus: [gpu({ links: flat(60_000) })] }), 'underused', ['links']],
    ['power without utilisation', evidence({ gpus: [gpu({ power: flat(200) })] }), 'underused', ['power']],
    ['a download', evidence({ network: flat(30_000_000) }), 'underused', ['network']],
    ['one busy GPU of two', evidence({ gpus: [gpu(), gpu({ uuid: 'GPU-2', gpuUtilization: flat(80) })] }), 'busy', []],
    [
      'one unknown GPU of two',
      evidence({ gpus: [gpu(), gpu({ uuid: 'GPU-2', gpuUtilization: null })] }),
      'unknown',
      [],
    ],
    [
      'a GPU by its MIG instances',
      evidence({
        gpus: [gpu({ gpuUtilization: null }), gpu({ uuid: 'MIG-1', parentUuid: 'GPU-1', smActivity: flat(50) })],
      }),
      'busy',
      ['sm_activity'],
    ],
  ])('%s', (_, asked, expected, used) => {
    const judged = judgeStop(asked);
    expect(judged.class).toBe(expected);
    expect(judged.evidence).toEqual(expect.arrayContaining(used));
  });

  it('takes the 95th percentile of the minutes that are there, and the highest reading of the last five', () => {
    const means = [0, 0, 0, 0, 0, 0, 0, 0, 0, 90, NaN, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    expect(
      spreadOf(
        means,
        means.map((value) => value * 2),
      ),
    ).toEqual({ p95: 1, low: 0, recentMax: 2 });
    expect(spreadOf([NaN, NaN], [NaN, NaN])).toBeNull();
    expect(spreadOf([3, 4, NaN, NaN, NaN, NaN, NaN], [3, 4, NaN, NaN, NaN, NaN, NaN])).toEqual({
      p95: 4,
      low: 3,
      recentMax: null,
    });
  });

  it.each([
    [{ protected: 'true' }, 'protected'],
    [{ 'flotilla:protected': '1' }, 'flotilla:protected'],
    [{ Keep_Running: 'forever' }, 'Keep_Running'],
    [{ protected: 'false' }, null],
    [{ unprotected: 'yes' }, null],
  ])('%j is protected by %s', (tags, expected) => expect(protectionTag(tags as never)).toBe(expected));
});
