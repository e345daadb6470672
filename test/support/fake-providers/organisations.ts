import { FakeProvider } from './server.js';
import type { Answer, Asked } from './server.js';

type Row = Readonly<Record<string, unknown>>;

/** Rows by the start of their bucket, Unix milliseconds. */
export type Buckets = Map<number, Row[]>;

/**
 * The organisation API of OpenAI: an admin key, windows half open, buckets with nothing in them, pages of `limit`
 * buckets, `page` cursors that only it can read. A project key is refused as theirs is.
 */
export class FakeOpenAi {
  adminKey = 'sk-admin-test';
  /** By data set: `usage/completions`, `costs`. */
  readonly data = new Map<string, Buckets>();
  private constructor(readonly http: FakeProvider) {}

  static async start(): Promise<FakeOpenAi> {
    let self: FakeOpenAi | null = null;
    const http = await FakeProvider.start((asked) => self!.answer(asked));
    self = new FakeOpenAi(http);
    return self;
  }

  /** Adds a row to a bucket. */
  put(dataset: string, startMs: number, row: Row): void {
    const buckets = this.data.get(dataset) ?? new Map<number, Row[]>();
    this.data.set(dataset, buckets);
    buckets.set(startMs, [...(buckets.get(startMs) ?? []), row]);
  }

  private answer({ url, headers }: Asked): Answer {
    const key = headers.authorization?.replace(/^Bearer /, '');
    if (key !== this.adminKey) {
      const message = key?.startsWith('sk-proj') ? 'You have insufficient permissions' : 'Incorrect API key provided';
      return { status: key?.startsWith('sk-proj') ? 403 : 401, body: { error: { message, code: 'invalid_api_key' } } };
    }
    const dataset = url.pathname.replace(/^\/v1\/organization\//, '');
    const width = { '1m': 60, '1h': 3600, '1d': 86_400 }[url.searchParams.get('bucket_width') ?? '1d'];
    const most = dataset === 'costs' ? 180 : { 60: 1440, 3600: 168, 86400: 31 }[width ?? 0];
    const limit = Number(url.searchParams.get('limit') ?? 7);
    const start = Number(url.searchParams.get('start_time'));
    const end = Number(url.searchParams.get('end_time'));
    if (!width || !most || !(limit >= 1 && limit <= most) || !(start < end) || start % width !== 0) {
      return { status: 400, body: { error: { message: 'invalid query', type: 'invalid_request_error' } } };
    }
    const page = url.searchParams.get('page');
    const from = page === null ? start : Number(Buffer.from(page.slice(5), 'base64').toString());
    const starts: number[] = [];
    for (let at = from; at < end && starts.length < limit; at += width) starts.push(at);
    const next = (starts.at(-1) ?? end) + width;
    return {
      body: {
        object: 'page',
        data: starts.map((at) => ({
          object: 'bucket',
          start_time: at,
          end_time: at + width,
          results: this.data.get(dataset)?.get(at * 1000) ?? [],
        })),
        has_more: next < end,
        next_page: next < end ? `page_${Buffer.from(String(next)).toString('base64')}` : null,
      },
    };
  }
}

/** The admin API of Anthropic: its headers, its times in RFC 3339, `group_by[]`, amounts in cents. */
export class FakeAnthropic {
  adminKey = 'sk-ant-admin-test';
  readonly usage: Buckets = new Map();
  readonly costs: Buckets = new Map();
  private constructor(readonly http: FakeProvider) {}

  static async start(): Promise<FakeAnthropic> {
    let self: FakeAnthropic | null = null;
    const http = await FakeProvider.start((asked) => self!.answer(asked));
    self = new FakeAnthropic(http);
    return self;
  }

  private answer({ url, headers }: Asked): Answer {
    const refused = (status: number, type: string, message: string): Answer => ({
      status,
      body: { type: 'error', error: { type, message } },
    });
    if (headers['anthropic-version'] !== '2023-06-01') return refused(400, 'invalid_request_error', 'no version');
    if (headers['x-api-key'] !== this.adminKey) return refused(401, 'authentication_error', 'invalid x-api-key');
    const isCosts = url.pathname === '/v1/organizations/cost_report';
    if (!isCosts && url.pathname !== '/v1/organizations/usage_report/messages')
      return refused(404, 'not_found_error', '');
    const width =
      { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 }[url.searchParams.get('bucket_width') ?? '1d'] ?? 0;
    const start = Date.parse(url.searchParams.get('starting_at') ?? '');
    const end = Date.parse(url.searchParams.get('ending_at') ?? '');
    const limit = Number(url.searchParams.get('limit') ?? 7);
    if (!(start < end) || width === 0 || limit > (width === 86_400_000 ? 31 : 168)) {
      return refused(400, 'invalid_request_error', 'invalid query');
    }
    const page = url.searchParams.get('page');
    const from = page === null ? start : Number(page.slice(5));
    const starts: number[] = [];
    for (let at = from; at < end && starts.length < limit; at += width) starts.push(at);
    const next = (starts.at(-1) ?? end) + width;
    const rows = isCosts ? this.costs : this.usage;
    return {
      body: {
        data: starts.map((at) => ({
          starting_at: new Date(at).toISOString(),
          ending_at: new Date(at + width).toISOString(),
          results: rows.get(at) ?? [],
        })),
        has_more: next < end,
        next_page: next < end ? `page_${next}` : null,
      },
    };
  }
}
