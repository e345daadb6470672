import { Caller, nextCursor, objectOf, pages, textOf, withList } from '../ask/index.js';
import type { CallerOptions, Dialect, Json } from '../ask/index.js';
import { DAY_MS, HOUR_MS, isoOf, wholeBuckets } from '../spend/dataset.js';
import type { SpendDataset, SpendWindow } from '../spend/dataset.js';
import { normalizeAnthropicCosts } from './costs.js';
import { normalizeAnthropicUsage, USAGE_GROUPS } from './usage.js';

export interface AnthropicOptions {
  /** Called before each reading, so that a key that was replaced in its file is taken. */
  readonly apiKey: () => string;
  /** Goes into the identity of the records; the name of the organisation will do. */
  readonly account: string;
  readonly baseUrl?: string;
  readonly bucketWidth?: '1m' | '1h' | '1d';
  /** Whether the usage report is read. Left out: yes. */
  readonly usage?: boolean;
  /** Whether the cost report, what is billed, is read. Left out: yes. */
  readonly costs?: boolean;
}

const DIALECT: Dialect = {
  name: 'Anthropic',
  keyAdvice:
    'It takes an admin key (sk-ant-admin…), which an admin of the organisation makes at console.anthropic.com/settings/admin-keys; an ordinary key is refused, and individual accounts have none',
  errorOf(body) {
    const error = objectOf(objectOf(body)['error']);
    return { code: textOf(error['type']), message: textOf(error['message']) };
  },
  later: new Set(['overloaded_error', 'rate_limit_error']),
};

const WIDTHS = {
  '1m': { ms: 60_000, limit: 1440 },
  '1h': { ms: HOUR_MS, limit: 168 },
  '1d': { ms: DAY_MS, limit: 31 },
} as const;
const MOST_PAGES = 200;
const MINUTE_MS = 60_000;
const API_VERSION = '2023-06-01';

/** What the admin API of Anthropic has: usage of the Messages API, and costs by day. */
export function anthropicDatasets(options: AnthropicOptions): SpendDataset[] {
  const { account, bucketWidth = '1h', usage = true, costs = true } = options;
  const width = WIDTHS[bucketWidth];
  const ofUsage: SpendDataset = {
    name: 'usage/messages',
    section: 'ai_spend',
    bucketMs: width.ms,
    everyMs: 5 * MINUTE_MS,
    leastEveryMs: MINUTE_MS,
    lateMs: 3 * DAY_MS,
    billedPerCall: false,
    async read(window, call) {
      const found = await readAll(options, '/v1/organizations/usage_report/messages', call, {
        ...times(window, width.ms),
        bucket_width: [bucketWidth],
        'group_by[]': USAGE_GROUPS,
        limit: [String(width.limit)],
      });
      return normalizeAnthropicUsage(found, account);
    },
  };
  const bill: SpendDataset = {
    name: 'costs',
    section: 'costs',
    bucketMs: DAY_MS,
    everyMs: HOUR_MS,
    leastEveryMs: MINUTE_MS,
    lateMs: 7 * DAY_MS,
    billedPerCall: false,
    async read(window, call) {
      const found = await readAll(options, '/v1/organizations/cost_report', call, {
        ...times(window, DAY_MS),
        'group_by[]': ['workspace_id', 'description'],
        limit: ['31'],
      });
      return normalizeAnthropicCosts(found, account, (call.nowMs ?? Date.now)());
    },
  };
  return [...(costs ? [bill] : []), ...(usage ? [ofUsage] : [])];
}

function times(window: SpendWindow, bucketMs: number) {
  const { fromMs, toMs } = wholeBuckets(window, bucketMs);
  return { starting_at: [isoOf(fromMs)], ending_at: [isoOf(toMs)] };
}

async function readAll(
  { apiKey, baseUrl = 'https://api.anthropic.com' }: AnthropicOptions,
  path: string,
  call: CallerOptions,
  parameters: Readonly<Record<string, readonly string[]>>,
): Promise<Json[]> {
  const caller = new Caller(DIALECT, call);
  const headers = { 'x-api-key': apiKey(), 'anthropic-version': API_VERSION };
  const fetchPage = async (cursor: string | null) => {
    const url = new URL(baseUrl);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
    for (const [name, values] of Object.entries(parameters)) {
      for (const value of values) url.searchParams.append(name, value);
    }
    if (cursor !== null) url.searchParams.set('page', cursor);
    const content = await caller.json(
      () => ({ method: 'GET', url, headers }),
      (body) => withList(body, 'data', DIALECT.name),
    );
    return { content, next: nextCursor(content, DIALECT.name) };
  };
  const all: Json[] = [];
  for await (const page of pages(`${DIALECT.name} ${path}`, fetchPage, MOST_PAGES)) all.push(page);
  return all;
}
