import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureFolder, FIXTURE, readTrace, testData, writeScenario, type Scenario } from './index.js';

const H100 = 'nvidia-h100-80gb-hbm3-driver-590.48.01';
/** Skipped where the real captures and traces are not at hand. */
const itReal = captureFolder(H100) && existsSync(join(testData(), 'traces')) ? it : it.skip;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-replay-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(scenario: Scenario) {
  const replay = writeScenario(folder, scenario);
  const call = (...args: string[]) => {
    const { status, stdout } = spawnSync(replay.executable, args, { encoding: 'utf8', timeout: 10_000 });
    return { status, stdout };
  };
  return { replay, call };
}
const one: Scenario = { gpus: [{ capture: FIXTURE, state: 'load' }] };
const BARE = '--format=csv,noheader,nounits';

describe('the replaying nvidia-smi', () => {
  it('answers the fields that are asked for, in that order, with and without units and header', () => {
    const { call } = start(one);
    expect(call('--query-gpu=power.draw,index,utilization.gpu', BARE).stdout).toBe('212.50, 0, 87\n');
    expect(call('--query-gpu=index,gpu_uuid,utilization.gpu', '--format=csv').stdout).toBe(
      'index, uuid, utilization.gpu [%]\n0, GPU-f1077111-0000-4000-8000-000000000001, 87 %\n',
    );
  });

  it('refuses an unknown field as the real tool does', () => {
    const { call } = start({ ...one, withoutFields: ['utilization.decoder'] });
    expect(call('--query-gpu=index,definitely_not_a_field', BARE)).toEqual({
      status: 2,
      stdout: 'Field "definitely_not_a_field" is not a valid field to query.\n\n',
    });
    expect(call('--query-gpu=utilization.decoder', BARE).status).toBe(2);
    expect(call('--help-query-gpu').stdout).toContain(
      '"clocks_event_reasons.active" or "clocks_throttle_reasons.active"',
    );
  });

  it.each([9, 12, 14, 15, 18, 255])('ends with %i and says why', (code) => {
    const { call } = start({ ...one, faults: [{ kind: 'exit', code }] });
    const answer = call('-q', '-x');
    expect(answer.status).toBe(code);
    expect(answer.stdout.length).toBeGreaterThan(20);
  });

  it('lists its GPUs, and none that is lost', () => {
    const { replay, call } = start({ gpus: [{ capture: FIXTURE }, { capture: FIXTURE, uuid: 'GPU-b' }] });
    expect(call('-L').stdout.split('\n')).toHaveLength(3);
    replay.update((s) => {
      s.gpus[0]!.lost = 'absent';
    });
    expect(call('-L').stdout).toBe('GPU 1: Flotilla Test GPU 16GB (UUID: GPU-b)\n');
    expect(call('--query-gpu=index,uuid', BARE).stdout).toBe('1, GPU-b\n');
    expect(replay.calls().map((c) => c.argv[0])).toEqual(['-L', '-L', '--query-gpu=index,uuid']);
  });

  it('goes through a trace, a point a round, with its gaps', async () => {
    const points = [
      { util: 28.2, mem: 18704 },
      { util: null, mem: null },
      { util: 0, mem: 4 },
    ];
    const { replay } = start({ gpus: [{ capture: FIXTURE, trace: { points, stepS: 57 } }] });
    const child = spawn(replay.executable, ['--query-gpu=utilization.gpu,memory.used', BARE, '-lms', '20']);
    let text = '';
    for await (const chunk of child.stdout) {
      text += String(chunk);
      if (text.split('\n').length > 5) child.kill('SIGKILL');
    }
    expect(text.split('\n').slice(0, 5)).toEqual([
      '28.2, 18704',
      '[N/A], [N/A]',
      '0, 4',
      '28.2, 18704',
      '[N/A], [N/A]',
    ]);
  });

  itReal('gives every cell of a real capture back', () => {
    const capture = captureFolder(H100) as string;
    const [titles = '', values = ''] = readFileSync(join(capture, 'load.query-gpu.csv'), 'utf8').split('\n');
    const names = titles.split(', ').map((title) => title.replace(/ \[.*\]$/, ''));
    const { call } = start({ gpus: [{ capture, state: 'load', uuid: 'GPU-x' }] });
    const answer = call(`--query-gpu=${names.join(',')}`, '--format=csv').stdout.split('\n');
    expect(answer[0]).toBe(titles);
    const own = new Set(['timestamp', 'uuid']);
    const but = (line: string) => line.split(', ').filter((_, i) => !own.has(names[i] as string));
    expect(but(answer[1] as string)).toEqual(but(values));
  });

  itReal('reads a pod of the real trace, row by row', () => {
    const csv = join(testData(), 'traces', 'alibaba-gentd26-pod-gpu-util-mem.csv');
    const trace = readTrace(csv, { pod: 'pod-064', startS: 0 });
    const first = readFileSync(csv, 'utf8')
      .split('\n')
      .find((line) => line.startsWith('0,pod-064,'));
    expect(trace.points[0]).toEqual({ util: Number(first?.split(',')[2]), mem: Number(first?.split(',')[3]) });
  });
});
