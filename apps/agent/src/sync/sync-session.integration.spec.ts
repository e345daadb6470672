import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../../../test/support/agent-process/agent-process.js';
import { systemClock } from '../clock.js';
import { parseFile } from '../config/settings.js';
import { ActionJournal } from '../executors/action-journal.js';
import { ActionRunner } from '../executors/action-runner.js';
import { toolsFor } from '../../../../test/support/executor-contract/tools.js';
import { createExecutors } from '../executors/index.js';
import { InventoryBook } from '../inventory-book.js';
import { silentLog } from '../log.js';
import { ServerClock } from '../minute/server-clock.js';
import { Spool } from '../spool/spool.js';
import { SyncSession } from './sync-session.js';

interface Call {
  readonly path: string;
  readonly key: string;
  readonly body: Record<string, never[]>;
}
type Answer = { status: number; data?: object; error?: string; headers?: Record<string, string> };

let folder: string;
let server: Server;
let calls: Call[];
let answers: ((call: Call) => Answer | null)[];
let session: SyncSession | null;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-sync-'));
  calls = [];
  answers = [];
  session = null;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Call['body'];
      const call = { path: request.url ?? '', key: String(request.headers['x-api-key']), body };
      calls.push(call);
      const fallback = call.path.endsWith('/sync')
        ? { actions: [], next_sync_seconds: 1 }
        : { accepted: 1, rejected: [] };
      let answer: Answer | null = null;
      while (!answer && answers.length > 0) answer = answers.shift()?.(call) ?? null;
      const { status, data, error, headers } = answer ?? { status: 200, data: fallback };
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(
        JSON.stringify(status < 300 ? { success: true, data: data ?? fallback } : { success: false, error }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await session?.stop();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function scene() {
  const spool = new Spool({
    folder: join(folder, 'spool'),
    maxBytes: 1 << 20,
    maxAgeMs: 1e12,
    memoryBytes: 1 << 20,
    clock: systemClock,
    log: silentLog,
  });
  const count = [
    process.execPath,
    '-e',
    `require('fs').appendFileSync('${folder}/runs', 'x'); console.log('stopped it')`,
  ];
  const { controls } = parseFile(JSON.stringify({ controls: [{ kind: 'command', stop: count }] }), 'test');
  const runner = new ActionRunner({
    journal: new ActionJournal(join(folder, 'actions', 'journal'), Date.now()),
    folder: join(folder, 'actions'),
    executors: await createExecutors(controls, toolsFor()),
    ownInstanceId: 'host-1',
    clock: systemClock,
    nowMs: () => Date.now(),
    idleSince: () => ({ idle: true }),
    gpuProcesses: async () => [],
    log: silentLog,
  });
  const inventory = new InventoryBook();
  const gpu = { kind: 'gpu', uuid: 'GPU-1', index: 3, presence: 'present' } as const;
  inventory.replace('test', [gpu], { instance_id: 'host-1', cloud_provider: 'on_prem', state: 'running' });
  const troubles: string[] = [];
  const refused: string[] = [];
  session = new SyncSession({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    apiKey: 'flt_key',
    spool,
    runner,
    inventory,
    clock: systemClock,
    serverClock: new ServerClock(systemClock),
    random: () => 0,
    rejections: { note: (entry, reason) => void refused.push(`${entry?.kind === 'record' && entry.json} ${reason}`) },
    log: silentLog,
    onReached: (trouble) => void troubles.push(trouble),
  });
  runner.onResult = () => session?.resultReady();
  return { spool, runner, session, troubles, refused };
}

const minute = (n: number) => ({
  kind: 'minute' as const,
  device: n === 0 ? 'host' : 'GPU-1',
  minute: {
    minuteS: 1_800_000_000 + n * 60,
    intervalS: 5,
    metrics: n === 0 ? [18] : [1, 6],
    seconds: Uint8Array.from([5, 10]),
    values: n === 0 ? Float32Array.from([12, 13]) : Float32Array.from([50, Number.NaN, 40, 41]),
  },
});

describe('an agent that only HTTP lets out', () => {
  it('sends a sample as an element, the way API.md has it, and forgets what was taken', async () => {
    const { spool, session } = await scene();
    spool.append(minute(0));
    spool.append(minute(1));
    await spool.flush();
    session.start();
    await eventually('sent', () => calls.length >= 1 && spool.read(1, { maxEntries: 9, maxBytes: 1e6 }) === null);
    expect(calls[0]).toMatchObject({ path: '/api/v1/sync', key: 'flt_key' });
    const gpus = [{ uuid: 'GPU-1', kind: 'gpu', index: 3, presence: 'present', episodes: [] }];
    expect(calls[0]?.body['instances']).toEqual([
      { instance_id: 'host-1', cloud_provider: 'on_prem', state: 'running', gpus },
    ]);
    expect(calls[0]?.body['controls']).toMatchObject([{ kind: 'command', verbs: ['stop'], instance_ids: ['host-1'] }]);
    expect(calls[0]?.body['metrics']).toEqual([
      { instance_id: 'host-1', timestamp: '2027-01-15T08:00:05.000Z', interval_s: 5, cpu_utilization: 12 },
      { instance_id: 'host-1', timestamp: '2027-01-15T08:00:10.000Z', interval_s: 5, cpu_utilization: 13 },
      {
        instance_id: 'host-1',
        timestamp: '2027-01-15T08:01:05.000Z',
        interval_s: 5,
        gpu_uuid: 'GPU-1',
        gpu_index: 3,
        gpu_utilization: 50,
        temperature: 40,
      },
      {
        instance_id: 'host-1',
        timestamp: '2027-01-15T08:01:10.000Z',
        interval_s: 5,
        gpu_uuid: 'GPU-1',
        gpu_index: 3,
        temperature: 41,
      },
    ]);
    await eventually('the next round', () => calls.length >= 2);
    expect(calls[1]?.body['metrics']).toEqual([]);
    expect(calls[1]?.body['instances']).toEqual([]); // nothing changed
  });

  it('tells what it has before it ends, and waits no longer than it is given', async () => {
    const { spool, session } = await scene();
    session.start();
    await eventually('the first round', () => calls.length >= 1);
    spool.append(minute(1));
    await spool.flush();
    await session.stop(2_000);
    expect(calls.flatMap((call) => call.body['metrics'] ?? [])).toHaveLength(2);
    expect(spool.read(1, { maxEntries: 9, maxBytes: 1e6 })).toBeNull();
    const after = calls.length;
    await session.stop(2_000);
    expect(calls).toHaveLength(after);
  });

  it.each([
    ['the database is away', { status: 503, error: 'try later' }, 'answered with HTTP status 503: try later'],
    [
      'it is too much at once',
      { status: 429, error: 'slow down', headers: { 'retry-after': '1' } },
      'asks for patience: slow down',
    ],
  ])('keeps everything while %s, and sends it again', async (_, answer, sentence) => {
    const { spool, session, troubles } = await scene();
    answers.push(() => answer);
    spool.append(minute(1));
    await spool.flush();
    session.start();
    await eventually('sent again', () => calls.length >= 2 && spool.read(1, { maxEntries: 9, maxBytes: 1e6 }) === null);
    expect(calls[1]?.body['metrics']).toHaveLength(2);
    expect(troubles[0]).toContain(sentence);
    expect(troubles.at(-1)).toBe('');
  });

  it('sends records in their sections, and hands back those that were refused, by their place or as a section', async () => {
    const { spool, session, refused } = await scene();
    const record = (section: string, n: number) => ({ kind: 'record' as const, section, json: JSON.stringify({ n }) });
    for (const [section, n] of [
      ['costs', 1],
      ['ai_spend', 2],
      ['costs', 3],
      ['errors', 4],
    ] as const) {
      spool.append(record(section, n));
    }
    await spool.flush();
    const dropped = {
      kind: 'event' as const,
      atMs: 1,
      event: 'e',
      severity: 'low',
      device: '',
      message: 'm',
      detailsJson: '',
    };
    spool.append(dropped);
    await spool.flush();
    answers.push(() => ({
      status: 200,
      data: {
        costs: { accepted: 1, duplicates: 0, rejected: [{ index: 1, error: 'amount: is negative' }] },
        ai_spend: { accepted: 0, duplicates: 0, rejected: [], error: 'the section ai_spend is not supported yet' },
        errors: { accepted: 1, duplicates: 0, rejected: [{ index: 0, error: 'timestamp is required' }] },
      },
    }));
    session.start();
    await eventually('sent', () => spool.read(1, { maxEntries: 9, maxBytes: 1e6 }) === null);
    expect(calls[0]?.body).toMatchObject({
      costs: [{ n: 1 }, { n: 3 }],
      ai_spend: [{ n: 2 }],
      errors: [{ n: 4 }, { message: 'm' }],
    });
    expect(refused.sort()).toEqual([
      '{"n":2} the section ai_spend is not supported yet',
      '{"n":3} amount: is negative',
      '{"n":4} timestamp is required',
    ]);
  });

  it('sends smaller bodies when one is too large', async () => {
    const { spool, session } = await scene();
    answers.push(() => ({ status: 413, error: 'too large' }));
    for (let n = 1; n <= 200; n++) spool.append(minute(n));
    await spool.flush();
    session.start();
    await eventually('sent', () => spool.read(1, { maxEntries: 9, maxBytes: 1e6 }) === null);
    expect(calls.map((call) => call.body['metrics']?.length).slice(0, 3)).toEqual([400, 256, 144]);
  });

  it('carries out a leased command once, however often it comes, and delivers its outcome until it was taken', async () => {
    const { runner, session } = await scene();
    const action = {
      action_id: 'act_1',
      fence: 1,
      verb: 'stop',
      instance_id: 'host-1',
      control_kind: 'command',
      arguments: {},
      precondition: { force: false, idle_since: null, idle_below_percent: null },
      expires_at: new Date(Date.now() + 60_000).toISOString(),
    };
    const offer = () => ({ status: 200, data: { actions: [action], next_sync_seconds: 1 } });
    answers.push(
      offer,
      (call) => (call.path.endsWith('action-results') ? { status: 503, error: 'away' } : offer()),
      offer,
    );
    session.start();
    const results = () => calls.filter((call) => call.path === '/api/v1/sync/action-results');
    await eventually(
      'the outcome was taken',
      () => results().length >= 1 && runner.unacknowledged.length === 0,
      15_000,
    );
    expect(results().at(-1)?.body['results']).toMatchObject([
      { action_id: 'act_1', outcome: 'succeeded', exit_code: 0, output: 'stopped it\n' },
    ]);
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('x');
  }, 20_000);

  it('says what is wrong with its key', async () => {
    const { session, troubles } = await scene();
    answers.push(() => ({ status: 403, error: 'this key has no scope agent' }));
    session.start();
    await eventually('refused', () => troubles.length > 0);
    expect(troubles[0]).toBe(
      'the control plane refuses this API key: this key has no scope agent. It needs the scope agent',
    );
  });
});
