import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpendDataset, SpendRecord } from '@flotilla/providers/spend';
import { FakeOpenAi } from '../../../../test/support/fake-providers/index.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { silentLog } from '../log.js';
import type { RecordEntry } from '../spool/entry.js';
import { SpendCollector } from './spend.collector.js';
import type { SpendSettings } from './settings.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 22, 10, 30);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-spend-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A spool that keeps everything in a list. */
class ListSpool {
  readonly entries: RecordEntry[] = [];
  droppedEntries = 0;
  degraded = false;
  append = (entry: unknown) => void this.entries.push(entry as RecordEntry);
  flush = () => Promise.resolve();
  get status() {
    const { droppedEntries, degraded } = this;
    return { oldestSeq: 0, newestSeq: 0, bytes: 0, droppedEntries, degraded };
  }
  /** What came since the last call: identity and amount. */
  take(): string[] {
    return this.entries.splice(0).map(({ json }) => {
      const { record_id, amount } = JSON.parse(json) as { record_id: string; amount: string };
      return `${record_id} ${amount}`;
    });
  }
}

/** Costs of a provider that the test writes. */
class Costs implements SpendDataset {
  readonly name = 'costs';
  readonly section = 'costs';
  readonly bucketMs = DAY;
  readonly everyMs = 8 * HOUR;
  readonly leastEveryMs = 6 * HOUR;
  readonly lateMs = 7 * DAY;
  readonly billedPerCall = true;
  asked: string[] = [];
  amounts: Record<string, string> = {};
  unreadable = 0;
  fails: Error | null = null;

  read({ fromMs, toMs }: { fromMs: number; toMs: number }) {
    this.asked.push(`${day(fromMs)}..${day(toMs)}`);
    if (this.fails) return Promise.reject(this.fails);
    const records = Object.entries(this.amounts).map(([date, amount]): SpendRecord => ({
      section: 'costs',
      record: { date: date.slice(0, 10), service: 'S', amount, record_id: `aws-cost-explorer:default:${date}` },
    }));
    return Promise.resolve({ records, remarks: [], unreadable: this.unreadable });
  }
}

const day = (ms: number) => new Date(ms).toISOString().slice(5, 10);
const id = (date: string) => `aws-cost-explorer:default:${date}`;
const AWS = { kind: 'aws-cost-explorer', account: 'default', backfill_days: 30, max_pages: 40 } as SpendSettings;

function scene(more: { costs?: Costs; clock?: ManualClock; spool?: ListSpool; settings?: SpendSettings[] } = {}) {
  const { costs = new Costs(), clock = new ManualClock(NOW), spool = new ListSpool() } = more;
  const states: string[] = [];
  const collector = new SpendCollector({
    settings: more.settings ?? [AWS],
    environment: {},
    folder: join(folder, 'spend'),
    spool,
    clock,
    nowMs: () => clock.nowMs(),
    random: () => 0.5,
    log: silentLog,
    state: (name, condition, message) => void states.push(`${name} ${condition} ${message}`.trim()),
    sleep: () => Promise.resolve(),
    ...(more.settings ? {} : { open: () => Promise.resolve([costs]) }),
  });
  /** Lets time pass, a tick a minute, and every reading come to its end. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 60_000) {
      await clock.advance(Math.min(60_000, left));
      collector.tick();
      await new Promise((resolve) => setImmediate(resolve));
      await (collector as unknown as { reading: Promise<void> | null }).reading;
    }
  };
  return { collector, costs, clock, spool, states, pass };
}

describe('costs that an agent reads', () => {
  it('are read three times a day, the first time a month back, then what may still change', async () => {
    const { collector, costs, spool, states, pass } = scene();
    costs.amounts = { '2026-11-21': '1.5', '2026-11-22': '0.5' };
    await collector.start();
    await pass(DAY);
    expect(costs.asked).toEqual(['10-23..11-22', '11-15..11-22', '11-15..11-23']);
    expect(spool.take()).toEqual([`${id('2026-11-21')} 1.5`, `${id('2026-11-22')} 0.5`]);
    expect(new Set(states)).toEqual(
      new Set(['spend/aws-cost-explorer ok nothing was read yet', 'spend/aws-cost-explorer ok']),
    );
  });

  it('are told once, again when they change, and taken back when they are gone', async () => {
    const { collector, costs, spool, pass } = scene();
    costs.amounts = { '2026-11-21': '1.5', '2026-11-21/moved': '3', '2026-11-22': '0.5' };
    await collector.start();
    await pass(HOUR);
    expect(spool.take()).toHaveLength(3);
    costs.amounts = { '2026-11-21': '1.75', '2026-11-22': '0.5', '2026-11-22/moved': '3' };
    await pass(9 * HOUR);
    expect(spool.take().sort()).toEqual([
      `${id('2026-11-21')} 1.75`,
      `${id('2026-11-21/moved')} 0`,
      `${id('2026-11-22/moved')} 3`,
    ]);
    await pass(9 * HOUR);
    expect(spool.take()).toEqual([]);
  });

  it('are not taken back for a row that could not be read, nor for one empty answer', async () => {
    const { collector, costs, spool, pass } = scene();
    costs.amounts = { '2026-11-21': '1.5' };
    await collector.start();
    await pass(HOUR);
    spool.take();
    costs.amounts = {};
    costs.unreadable = 1;
    await pass(9 * HOUR);
    costs.unreadable = 0;
    costs.amounts = { '2026-11-21': '1.5' };
    await pass(8 * HOUR);
    costs.amounts = {};
    await pass(8 * HOUR);
    expect(spool.take()).toEqual([]);
    await pass(8 * HOUR);
    expect(spool.take()).toEqual([`${id('2026-11-21')} 0`]);
  });

  it('cost nothing for a restart, and nothing is told twice', async () => {
    const first = scene();
    first.costs.amounts = { '2026-11-21': '1.5' };
    await first.collector.start();
    await first.pass(HOUR);
    await first.collector.stop();
    expect(first.spool.take()).toHaveLength(1);
    for (let restart = 0; restart < 5; restart++) {
      const again = scene(first);
      await again.collector.start();
      await again.pass(HOUR);
      await again.collector.stop();
    }
    expect(first.costs.asked).toHaveLength(1);
    const later = scene(first);
    await later.collector.start();
    await later.pass(3 * HOUR);
    expect(first.costs.asked).toHaveLength(2);
    expect(first.spool.take()).toEqual([]);
  });

  it('cost nothing for a clock that is moved', async () => {
    const { collector, costs, clock, pass } = scene();
    await collector.start();
    await pass(HOUR);
    clock.jump(400 * DAY);
    await pass(HOUR);
    clock.jump(-800 * DAY);
    await pass(HOUR);
    expect(costs.asked).toHaveLength(1);
    clock.jump(-60 * 365 * DAY);
    await pass(8 * HOUR);
    // 1965: not even asked
    expect(costs.asked).toHaveLength(1);
  });

  it('are all told again when the spool dropped entries, or the book is lost or broken', async () => {
    const { collector, costs, spool, pass } = scene();
    costs.amounts = { '2026-11-21': '1.5' };
    await collector.start();
    await pass(HOUR);
    expect(spool.take()).toHaveLength(1);
    spool.droppedEntries = 7;
    await pass(8 * HOUR);
    expect(spool.take()).toHaveLength(1);
    const [book] = readdirSync(join(folder, 'spend'));
    const path = join(folder, 'spend', book!);
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));
    await pass(8 * HOUR);
    expect(spool.take()).toHaveLength(1);
  });

  it('are not asked for where it could not be remembered, or what they say not be kept', async () => {
    writeFileSync(join(folder, 'spend'), 'a file where the folder should be');
    const { collector, costs, spool, states, pass } = scene();
    await collector.start();
    await pass(3 * HOUR);
    expect(costs.asked).toEqual([]);
    expect(states.at(-1)).toMatch(/degraded costs: is not asked while the state folder takes no data/);
    rmSync(join(folder, 'spend'));
    spool.degraded = true;
    await pass(9 * HOUR);
    expect(costs.asked).toEqual([]);
    expect(states.at(-1)).toContain('waits until the spool is on disk again');
    spool.degraded = false;
    await pass(HOUR);
    expect(costs.asked).toHaveLength(1);
  });

  it('are all told again, an hour later, to a control plane that did not know them yet', async () => {
    const { collector, costs, spool, states, pass } = scene();
    costs.amounts = { '2026-11-20': '2', '2026-11-21': '1.5' };
    await collector.start();
    await pass(60_000);
    const sent = spool.entries.map(({ json }) => json);
    spool.take();
    for (const json of sent) collector.rejected('costs', json, 'the section costs is not supported yet');
    expect(states.at(-1)).toMatch(/degraded costs: the control plane does not take costs yet: update it/);
    await pass(55 * 60_000);
    expect(spool.take()).toEqual([]);
    await pass(HOUR);
    expect(spool.take()).toHaveLength(2);
    expect(costs.asked.at(-1)).toBe('10-23..11-22');
    await pass(8 * HOUR);
    expect(spool.take()).toEqual([]);
  });

  it('that are refused as such are counted and named, and not repeated', async () => {
    const { collector, costs, spool, states, pass } = scene();
    costs.amounts = { '2026-11-21': '1.5' };
    await collector.start();
    await pass(60_000);
    collector.rejected('costs', spool.entries[0]!.json, 'currency: has no rate');
    collector.rejected('ai_spend', '{"record_id":"openai:x"}', 'not of this source');
    expect(states.at(-1)).toBe(
      'spend/aws-cost-explorer degraded costs: the control plane refused 1 records: currency: has no rate',
    );
    spool.take();
    await pass(9 * HOUR);
    expect(spool.take()).toEqual([]);
  });
});

describe('usage that an agent reads', () => {
  const settings = (keyFile: string, url: string): SpendSettings[] => [
    {
      kind: 'openai',
      account: 'acme',
      backfill_days: 1,
      base_url: url,
      api_key_file: keyFile,
      bucket_width: '1h',
      usages: ['completions'],
      costs: true,
    },
  ];
  const row = { input_tokens: 10, input_cached_tokens: 4, output_tokens: 2, num_model_requests: 1, model: 'gpt-4o' };

  it('follows the hour that is under way, says when its key is revoked, takes the new one from its file', async () => {
    const fake = await FakeOpenAi.start();
    const key = join(folder, 'openai.key');
    writeFileSync(key, 'sk-admin-test\n');
    const { collector, spool, states, pass } = scene({ settings: settings(key, fake.http.url) });
    const hour = Math.floor(NOW / HOUR) * HOUR;
    fake.put('usage/completions', hour, row);
    await collector.start();
    await pass(3 * 60_000);
    expect(spool.entries.map(({ section, json }) => [section, JSON.parse(json)])).toMatchObject([
      ['ai_spend', { provider: 'openai', model_name: 'gpt-4o', input_tokens: 10, cached_input_tokens: 4, requests: 1 }],
    ]);
    fake.put('usage/completions', hour, row);
    await pass(6 * 60_000);
    expect(spool.entries.map(({ json }) => (JSON.parse(json) as { requests: number }).requests)).toEqual([1, 2]);
    expect(new Set(spool.entries.map(({ json }) => (JSON.parse(json) as { record_id: string }).record_id)).size).toBe(
      1,
    );

    fake.adminKey = 'sk-admin-new';
    await pass(6 * 60_000);
    expect(states.at(-1)).toMatch(/^spend\/openai\/acme failed usage\/completions: OpenAI refuses the key.*admin-keys/);
    expect(states.join()).not.toMatch(/sk-admin-(test|new)/);
    writeFileSync(key, 'sk-admin-new');
    await pass(6 * 60_000);
    expect(states.at(-1)).toBe('spend/openai/acme ok');
    rmSync(key);
    await pass(6 * 60_000);
    expect(states.at(-1)).toContain(`the key in ${key} cannot be read (ENOENT): put the key there`);
    writeFileSync(key, 'two words\u0007');
    await pass(6 * 60_000);
    expect(states.at(-1)).toContain('holds no key: expected one word');
    await collector.stop();
    await fake.http.close();
  });
});
