import { normalizeUsage } from '@flotilla/domain';
import { objectOf, textOf } from '../ask/index.js';
import type { Json } from '../ask/index.js';
import { Gathering } from '../spend/collect.js';
import { HOUR_MS, isoOf } from '../spend/dataset.js';
import { recordId, tokenFields } from '../spend/record.js';
import type { AiSpendRecord, Normalized } from '../spend/record.js';
import { bedrockModel } from './model.js';
import type { ProfileModels } from './model.js';

export interface BedrockNames {
  /** Goes into the identity of the records. */
  readonly account: string;
  /** Keys of `requestMetadata` that become tags; every other one would multiply the rows. */
  readonly tags: readonly string[];
  readonly profiles?: ProfileModels;
}

/** Invocations of one hour that have all of this in common. */
export interface Invocations {
  readonly hourMs: number;
  readonly modelId: string;
  /** Where it was asked for. */
  readonly region: string | undefined;
  /** Where it ran; another one than `region` for a cross-region profile. */
  readonly inferenceRegion: string | undefined;
  readonly awsAccount: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly requests: number;
  /** Counts as they came: not trusted. Input leaves the cache out. */
  readonly input: unknown;
  readonly cacheRead: unknown;
  readonly cacheWrite: unknown;
  readonly output: unknown;
}

/** One row, into `gathering`. */
export function addInvocations(gathering: Gathering, bucket: object, row: Invocations, names: BedrockNames): void {
  const normalized = normalizeUsage({
    counting: 'exclusive',
    uncachedInput: row.input,
    cacheRead: row.cacheRead,
    cacheWrite5m: row.cacheWrite,
    // embeddings have no output, and say nothing about it
    output: row.output ?? 0,
  });
  if (!normalized.ok) return gathering.unreadable(normalized.reason);
  const { model, deployment } = bedrockModel(row.modelId, names.profiles);
  const { account } = names;
  const record: AiSpendRecord = {
    timestamp: isoOf(row.hourMs),
    period_end: isoOf(row.hourMs + HOUR_MS),
    provider: 'aws.bedrock',
    model_name: model.slice(0, 256),
    spend_type: 'completions',
    ...(row.awsAccount === undefined ? {} : { account_id: row.awsAccount }),
    ...(deployment === null ? {} : { deployment: deployment.slice(0, 256) }),
    // prices differ by where it ran
    ...((row.inferenceRegion ?? row.region) ? { region: row.inferenceRegion ?? row.region } : {}),
    ...(Object.keys(row.tags).length > 0 ? { tags: { ...row.tags } } : {}),
    requests: row.requests,
    ...tokenFields(normalized.usage),
    record_id: recordId('bedrock', account, 'invocations', isoOf(row.hourMs), {
      modelId: row.modelId,
      region: row.region,
      inferenceRegion: row.inferenceRegion,
      awsAccount: row.awsAccount,
      ...Object.fromEntries(Object.entries(row.tags).map(([key, value]) => [`tag ${key}`, value])),
    }),
  };
  gathering.add({ section: 'ai_spend', record }, bucket);
}

/**
 * Records of the model invocation log (schemaType ModelInvocationLog 1.0), by hour.
 *
 * Give all records of an hour at once: its figures are their sum, and replace what was told of that hour before.
 * Invocations that failed were not billed and are left out.
 */
export function normalizeBedrockLog(records: readonly unknown[], names: BedrockNames): Normalized {
  const gathering = new Gathering();
  const hours = new Map<number, object>();
  for (const entry of records) {
    const record = objectOf(entry);
    if (record['schemaType'] !== 'ModelInvocationLog') {
      gathering.unreadable('not of the model invocation log');
      continue;
    }
    if (textOf(record['errorCode']) !== undefined) continue;
    const atMs = Date.parse(String(record['timestamp']));
    const modelId = textOf(record['modelId']);
    if (!Number.isFinite(atMs) || modelId === undefined) {
      gathering.unreadable('without timestamp or modelId');
      continue;
    }
    const hourMs = Math.floor(atMs / HOUR_MS) * HOUR_MS;
    const bucket = hours.get(hourMs) ?? {};
    hours.set(hourMs, bucket);
    addInvocations(gathering, bucket, { ...invocationOf(record, names), hourMs, modelId }, names);
  }
  return gathering.result;
}

function invocationOf(record: Json, names: BedrockNames): Omit<Invocations, 'hourMs' | 'modelId'> {
  const input = objectOf(record['input']);
  const metadata = objectOf(record['requestMetadata']);
  const tags = names.tags.flatMap((key) => {
    const value = textOf(metadata[key]);
    return value === undefined ? [] : [[key, value.slice(0, 256)] as const];
  });
  return {
    region: textOf(record['region']),
    inferenceRegion: textOf(record['inferenceRegion']),
    awsAccount: textOf(record['accountId']),
    tags: Object.fromEntries(tags),
    requests: 1,
    input: input['inputTokenCount'],
    cacheRead: input['cacheReadInputTokenCount'],
    cacheWrite: input['cacheWriteInputTokenCount'],
    output: objectOf(record['output'])['outputTokenCount'],
  };
}
