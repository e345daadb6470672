import type { AwsCredentialSource } from '../aws/credentials.js';
import { askAws, awsDialect } from '../aws-json/index.js';
import { Caller, listOf, objectOf, ProviderError, textOf, withList } from '../ask/index.js';
import type { CallerOptions, Json } from '../ask/index.js';
import { Gathering } from '../spend/collect.js';
import { HOUR_MS, wholeBuckets } from '../spend/dataset.js';
import type { SpendDataset, SpendWindow } from '../spend/dataset.js';
import type { Normalized } from '../spend/record.js';
import { addInvocations } from './normalize.js';
import type { BedrockNames } from './normalize.js';

export interface BedrockOptions extends BedrockNames {
  readonly credentials: AwsCredentialSource;
  /** Region of the log group. */
  readonly region: string;
  /** CloudWatch log group that Bedrock writes its invocations to. */
  readonly logGroup: string;
  readonly baseUrl?: string;
}

const dialect = awsDialect(
  'CloudWatch Logs',
  'The role or key needs logs:StartQuery and logs:GetQueryResults on the log group that Bedrock writes its invocations to',
);
/** The most rows that a query of Logs Insights gives. */
const MOST_ROWS = 10_000;
const HOUR_FIELD = 'bin(1h)';
const QUERY_DEADLINE_MS = 120_000;
const POLL_MS = 1_000;

/**
 * Usage of Bedrock from its invocation log, added up by CloudWatch Logs Insights: the log holds whole prompts, so not
 * one line of it is carried here. Insights takes USD 0.005 for a GB that it looks through, hence once an hour, and hours
 * that are over for six are not read again.
 */
export function bedrockDatasets(options: BedrockOptions): SpendDataset[] {
  return [
    {
      name: 'usage/invocations',
      section: 'ai_spend',
      bucketMs: HOUR_MS,
      everyMs: HOUR_MS,
      leastEveryMs: 5 * 60_000,
      lateMs: 6 * HOUR_MS,
      billedPerCall: true,
      read: (window, call) => read(options, window, call),
    },
  ];
}

async function read(options: BedrockOptions, window: SpendWindow, call: CallerOptions): Promise<Normalized> {
  const caller = new Caller(dialect, call);
  const { fromMs, toMs } = wholeBuckets(window, HOUR_MS);
  const ask = <T>(action: string, body: unknown, check: (body: unknown) => T) =>
    askAws(caller, {
      baseUrl: options.baseUrl ?? `https://logs.${options.region}.amazonaws.com`,
      service: 'logs',
      region: options.region,
      target: `Logs_20140328.${action}`,
      credentials: options.credentials,
      body,
      check,
    });
  const queryId = await ask(
    'StartQuery',
    {
      logGroupName: options.logGroup,
      startTime: fromMs / 1000,
      // inclusive
      endTime: toMs / 1000 - 1,
      queryString: queryOf(options.tags),
      limit: MOST_ROWS,
    },
    (body) => textOf(objectOf(body)['queryId']) ?? unknownAnswer(),
  );
  const deadlineMs = performance.now() + QUERY_DEADLINE_MS;
  for (;;) {
    const answer = await ask('GetQueryResults', { queryId }, (body) => withList(body, 'results', dialect.name));
    const status = textOf(answer['status']);
    if (status === 'Complete') return normalizeInsights(listOf(answer['results']), options);
    if (status !== 'Running' && status !== 'Scheduled') {
      throw new ProviderError('unavailable', `the query of CloudWatch Logs ended as ${String(status)}`);
    }
    if (performance.now() > deadlineMs) {
      throw new ProviderError(
        'unavailable',
        `the query of CloudWatch Logs is not done after ${QUERY_DEADLINE_MS / 1000} s`,
      );
    }
    await caller.pause(POLL_MS);
  }
}

function unknownAnswer(): never {
  throw new ProviderError('bad_answer', 'CloudWatch Logs began a query and gave it no id');
}

/** The question to Logs Insights. Names of fields are quoted: nothing that stands in a configuration can end it. */
export function queryOf(tags: readonly string[]): string {
  const by = [HOUR_FIELD, 'modelId', 'region', 'inferenceRegion', 'accountId', ...tags.map(tagField)];
  return [
    'filter schemaType = "ModelInvocationLog" and not ispresent(errorCode)',
    [
      'stats count(*) as requests',
      'sum(input.inputTokenCount) as input_tokens',
      'sum(input.cacheReadInputTokenCount) as cache_read',
      'sum(input.cacheWriteInputTokenCount) as cache_write',
      `sum(output.outputTokenCount) as output_tokens by ${by.join(', ')}`,
    ].join(', '),
    `limit ${MOST_ROWS}`,
  ].join(' | ');
}

const tagField = (tag: string) => `requestMetadata.${tag}`;

/**
 * Rows of GetQueryResults as `ai_spend` elements.
 *
 * @throws ProviderError `bad_answer` when there are as many as Insights gives: the rest is missing then
 */
export function normalizeInsights(rows: readonly unknown[], names: BedrockNames): Normalized {
  if (rows.length >= MOST_ROWS) {
    throw new ProviderError(
      'bad_answer',
      `CloudWatch Logs has more than ${MOST_ROWS} groups for what was asked; nothing of it is kept. Take away a tag`,
    );
  }
  const gathering = new Gathering();
  const hours = new Map<number, object>();
  for (const row of rows) {
    const fields: Json = Object.fromEntries(
      listOf(row).map((cell) => [String(objectOf(cell)['field']), objectOf(cell)['value']]),
    );
    // "2026-04-17 14:00:00.000", UTC
    const hourMs = Date.parse(`${String(fields[HOUR_FIELD]).replace(' ', 'T')}Z`);
    const modelId = textOf(fields['modelId']);
    const requests = countOf(fields['requests']);
    if (!Number.isFinite(hourMs) || modelId === undefined || requests === undefined) {
      gathering.unreadable('without hour, modelId or requests');
      continue;
    }
    const bucket = hours.get(hourMs) ?? {};
    hours.set(hourMs, bucket);
    const tags = names.tags.flatMap((tag) => {
      const value = textOf(fields[tagField(tag)]);
      return value === undefined ? [] : [[tag, value.slice(0, 256)] as const];
    });
    addInvocations(
      gathering,
      bucket,
      {
        hourMs,
        modelId,
        region: textOf(fields['region']),
        inferenceRegion: textOf(fields['inferenceRegion']),
        awsAccount: textOf(fields['accountId']),
        tags: Object.fromEntries(tags),
        requests,
        input: countOf(fields['input_tokens']),
        cacheRead: countOf(fields['cache_read']),
        cacheWrite: countOf(fields['cache_write']),
        output: countOf(fields['output_tokens']),
      },
      names,
    );
  }
  return gathering.result;
}

/** Insights writes every value as text, sums with a `.0` at times; what is no count stays as it is, to be refused. */
function countOf(value: unknown): number | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : Number(text);
}
