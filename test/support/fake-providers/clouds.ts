import { verifyAwsSignature } from '../aws-signature.js';
import type { KnownKey } from '../aws-signature.js';
import { FakeProvider } from './server.js';
import type { Answer, Asked } from './server.js';

/** One day's groups of Cost Explorer: keys and the amount of UnblendedCost, as text. */
export interface CostDay {
  readonly estimated?: boolean;
  readonly groups: readonly { readonly keys: readonly string[]; readonly amount: string }[];
}

/** Cost Explorer and CloudWatch Logs Insights, behind a verified Signature Version 4. */
export class FakeAws {
  readonly keys: Record<string, KnownKey> = { AKIDEXAMPLE: { secretAccessKey: 'secret-of-the-test' } };
  /** By day, `2026-11-20`. */
  readonly days = new Map<string, CostDay>();
  /** Groups on one page, over all days. */
  pageSize = 1_000;
  /** Rows of Insights. */
  rows: Readonly<Record<string, string>>[] = [];
  /** How often a query is asked for before it is done. */
  queryRounds = 2;
  nowMs: () => number = Date.now;
  private queries = new Map<string, number>();
  private constructor(readonly http: FakeProvider) {}

  static async start(): Promise<FakeAws> {
    let self: FakeAws | null = null;
    const http = await FakeProvider.start((asked) => self!.answer(asked));
    self = new FakeAws(http);
    return self;
  }

  private answer(asked: Asked): Answer {
    const target = String(asked.headers['x-amz-target']);
    const logs = target.startsWith('Logs_');
    const verdict = verifyAwsSignature(
      { method: asked.method, target: asked.target, headers: asked.headers, body: asked.body },
      { service: logs ? 'logs' : 'ce', region: logs ? 'eu-west-1' : 'us-east-1', keys: this.keys, nowMs: this.nowMs() },
    );
    if ('code' in verdict) {
      const type = verdict.code === 'AuthFailure' ? 'UnrecognizedClientException' : 'InvalidSignatureException';
      return { status: 400, body: { __type: type, message: verdict.message } };
    }
    const body = JSON.parse(asked.body) as Record<string, unknown>;
    if (target === 'AWSInsightsIndexService.GetCostAndUsage') return this.costs(body);
    if (target === 'Logs_20140328.StartQuery') {
      const queryId = `query-${this.queries.size + 1}`;
      this.queries.set(queryId, 0);
      return { body: { queryId } };
    }
    const id = String(body['queryId']);
    const rounds = (this.queries.get(id) ?? 0) + 1;
    this.queries.set(id, rounds);
    if (rounds < this.queryRounds) return { body: { status: 'Running', results: [] } };
    const results = this.rows.map((row) => Object.entries(row).map(([field, value]) => ({ field, value })));
    return { body: { status: 'Complete', results, statistics: {} } };
  }

  private costs(body: Record<string, unknown>): Answer {
    const { Start, End } = body['TimePeriod'] as { Start: string; End: string };
    const groups = (body['GroupBy'] ?? []) as unknown[];
    if (!(Start < End) || groups.length > 2) {
      return { status: 400, body: { __type: 'ValidationException', message: 'Start date should be before end date' } };
    }
    const rows = [...this.days]
      .filter(([day]) => day >= Start && day < End)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([day, { groups: found, estimated }]) => found.map((group) => ({ day, estimated, group })));
    const from = Number(body['NextPageToken'] ?? 0);
    const page = rows.slice(from, from + this.pageSize);
    const days = [...new Set(page.map(({ day }) => day))];
    return {
      body: {
        GroupDefinitions: groups,
        ResultsByTime: days.map((day) => ({
          TimePeriod: { Start: day, End: new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10) },
          Total: {},
          Groups: page
            .filter((row) => row.day === day)
            .map(({ group }) => ({
              Keys: group.keys,
              Metrics: {
                UnblendedCost: { Amount: group.amount, Unit: 'USD' },
                AmortizedCost: { Amount: group.amount, Unit: 'USD' },
                UsageQuantity: { Amount: '24', Unit: 'N/A' },
              },
            })),
          Estimated: this.days.get(day)?.estimated ?? false,
        })),
        ...(from + this.pageSize < rows.length ? { NextPageToken: String(from + this.pageSize) } : {}),
      },
    };
  }
}

/** Microsoft Entra's tokens, Cost Management and Azure Monitor on one address. */
export class FakeAzure {
  clientSecret = 'secret~of.the-test';
  /** Pages of rows for Cost Management, with the columns that were asked for in an order of its own. */
  pages: (readonly (readonly unknown[])[])[] = [[]];
  /** What Azure Monitor answers. */
  metrics: unknown = { value: [] };
  private tokens = 0;
  private valid = '';
  private constructor(readonly http: FakeProvider) {}

  static async start(): Promise<FakeAzure> {
    let self: FakeAzure | null = null;
    const http = await FakeProvider.start((asked) => self!.answer(asked));
    self = new FakeAzure(http);
    return self;
  }

  /** Every token that was given ends now. */
  endTokens(): void {
    this.valid = '';
  }

  private answer({ url, headers, body, method }: Asked): Answer {
    if (url.pathname.endsWith('/oauth2/v2.0/token')) {
      const form = new URLSearchParams(body);
      if (
        form.get('client_secret') !== this.clientSecret ||
        form.get('scope') !== 'https://management.azure.com/.default'
      ) {
        const description = 'AADSTS7000215: Invalid client secret provided. Trace ID: 1234';
        return { status: 401, body: { error: 'invalid_client', error_description: description } };
      }
      this.valid = `token-${++this.tokens}`;
      return { body: { token_type: 'Bearer', expires_in: 3599, access_token: this.valid } };
    }
    if (headers.authorization !== `Bearer ${this.valid}`) {
      return {
        status: 401,
        body: { error: { code: 'ExpiredAuthenticationToken', message: 'The access token expired' } },
      };
    }
    if (url.pathname.endsWith('/providers/Microsoft.Insights/metrics')) return { body: this.metrics };
    if (method !== 'POST' || !body.includes('ActualCost'))
      return { status: 400, body: { error: { code: 'BadRequest' } } };
    const at = Number(url.searchParams.get('$skiptoken') ?? 0);
    const more = at + 1 < this.pages.length;
    return {
      body: {
        properties: {
          nextLink: more ? `${url.origin}${url.pathname}?api-version=2023-11-01&$skiptoken=${at + 1}` : null,
          columns: ['Currency', 'UsageDate', 'ServiceName', 'Cost'].map((name) => ({ name, type: 'String' })),
          rows: this.pages[at],
        },
      },
    };
  }
}
