import { Caller, nextCursor, objectOf, pages, textOf, withList } from '../ask/index.js';
import type { CallerOptions, Dialect, Json } from '../ask/index.js';
import { DAY_MS, HOUR_MS, wholeBuckets } from '../spend/dataset.js';
import type { SpendDataset, SpendWindow } from '../spend/dataset.js';
import { normalizeOpenAiCosts } from './costs.js';
import { GROUPS, normalizeOpenAiUsage, OPENAI_USAGES } from './usage.js';
import type { OpenAiUsage } from './usage.js';

export interface OpenAiOptions {
  /** Called before each reading, so that a key that was replaced in its file is taken. */
  readonly apiKey: () => string;
  /** Goes into the identity of the records; the name of the organisation will do. */
  readonly account: string;
  readonly baseUrl?: string;
  readonly bucketWidth?: '1m' | '1h' | '1d';
  /** Left out: all of them. */
  readonly usages?: readonly OpenAiUsage[];
  /** Whether `costs`, what is billed, is read too. Left out: yes. */
  readonly costs?: boolean;
}

const DIALECT: Dialect = {
  name: 'OpenAI',
  keyAdvice:
    'It takes an organisation admin key (sk-admin-…), which an owner makes at platform.openai.com/settings/organization/admin-keys; a project key is refused',
  errorOf(body) {
    const error = objectOf(objectOf(body)['error']);
    return { code: textOf(error['code']) ?? textOf(error['type']), message: textOf(error['message']) };
  },
};

/** Buckets of one page: the most that the API gives. */
const WIDTHS = {
  '1m': { ms: 60_000, limit: 1440 },
  '1h': { ms: HOUR_MS, limit: 168 },
  '1d': { ms: DAY_MS, limit: 31 },
} as const;
const COSTS_LIMIT = 180;
const MOST_PAGES = 200;
const MINUTE_MS = 60_000;

/** What the organisation API of OpenAI has: usage by kind, and costs by day. */
export function openAiDatasets(options: OpenAiOptions): SpendDataset[] {
  const { account, bucketWidth = '1h', usages = OPENAI_USAGES, costs = true } = options;
  const width = WIDTHS[bucketWidth];
  const ofUsage = (usage: OpenAiUsage): SpendDataset => ({
    name: `usage/${usage}`,
    section: 'ai_spend',
    bucketMs: width.ms,
    // what most of the money goes to is watched closely
    everyMs: usage === 'completions' ? 5 * MINUTE_MS : HOUR_MS,
    leastEveryMs: MINUTE_MS,
    lateMs: 3 * DAY_MS,
    billedPerCall: false,
    async read(window, call) {
      const found = await readAll(options, `/v1/organization/usage/${usage}`, call, {
        ...times(window, width.ms),
        bucket_width: [bucketWidth],
        group_by: GROUPS[usage],
        limit: [String(width.limit)],
      });
      return normalizeOpenAiUsage(usage, found, account);
    },
  });
  const bill: SpendDataset = {
    name: 'costs',
    section: 'costs',
    bucketMs: DAY_MS,
    everyMs: HOUR_MS,
    leastEveryMs: MINUTE_MS,
    lateMs: 7 * DAY_MS,
    billedPerCall: false,
    async read(window, call) {
      const found = await readAll(options, '/v1/organization/costs', call, {
        ...times(window, DAY_MS),
        bucket_width: ['1d'],
        group_by: ['project_id', 'line_item'],
        limit: [String(COSTS_LIMIT)],
      });
      return normalizeOpenAiCosts(found, account, (call.nowMs ?? Date.now)());
    },
  };
  return [...(costs ? [bill] : []), ...usages.map(ofUsage)];
}

function times(window: SpendWindow, bucketMs: number) {
  const { fromMs, toMs } = wholeBuckets(window, bucketMs);
  return { start_time: [String(fromMs / 1000)], end_time: [String(toMs / 1000)] };
}

async function readAll(
  { apiKey, baseUrl = 'https://api.openai.com' }: OpenAiOptions,
  path: string,
  call: CallerOptions,
  parameters: Readonly<Record<string, readonly string[]>>,
): Promise<Json[]> {
  const caller = new Caller(DIALECT, call);
  const key = apiKey();
  const fetchPage = async (cursor: string | null) => {
    const url = new URL(baseUrl);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
    for (const [name, values] of Object.entries(parameters)) {
      for (const value of values) url.searchParams.append(name, value);
    }
    if (cursor !== null) url.searchParams.set('page', cursor);
    const content = await caller.json(
      () => ({ method: 'GET', url, headers: { authorization: `Bearer ${key}` } }),
      (body) => withList(body, 'data', DIALECT.name),
    );
    return { content, next: nextCursor(content, DIALECT.name) };
  };
  const all: Json[] = [];
  for await (const page of pages(`${DIALECT.name} ${path}`, fetchPage, MOST_PAGES)) all.push(page);
  return all;
}
