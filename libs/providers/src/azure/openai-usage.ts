import { normalizeUsage } from '@flotilla/domain';
import { listOf, objectOf, textOf } from '../ask/index.js';
import type { Json } from '../ask/index.js';
import { Gathering } from '../spend/collect.js';
import { HOUR_MS, isoOf } from '../spend/dataset.js';
import { recordId, tokenFields } from '../spend/record.js';
import type { AiSpendRecord, Normalized } from '../spend/record.js';

/** What runs behind a deployment: its name in Azure is free to choose and says nothing. */
export interface AzureDeployment {
  readonly model: string;
  /** Provisioned throughput: billed by the hour and not by the token. */
  readonly provisioned?: boolean;
}

export const AZURE_METRICS = ['ProcessedPromptTokens', 'GeneratedTokens', 'AzureOpenAIRequests'] as const;

export interface AzureUsageNames {
  readonly account: string;
  /** The resource id of the Azure OpenAI account. */
  readonly resourceId: string;
  readonly deployments: Readonly<Record<string, AzureDeployment>>;
}

/**
 * An answer of Azure Monitor (metrics by ModelDeploymentName and hour) as `ai_spend` elements.
 *
 * A deployment that is not in the map keeps its own name as the model, which nobody has a price for: it shows as
 * unpriced, and a remark names it. What came from a cache is not told, so the usage priced is an upper bound.
 */
export function normalizeAzureOpenAi(answer: Json, names: AzureUsageNames): Normalized {
  const gathering = new Gathering();
  const region = textOf(answer['resourceregion']);
  const hours = new Map<string, Map<string, unknown>>();
  for (const metric of listOf(answer['value'])) {
    const name = textOf(objectOf(objectOf(metric)['name'])['value']);
    if (name === undefined) continue;
    for (const entry of listOf(objectOf(metric)['timeseries'])) {
      const series = objectOf(entry);
      const deployment = deploymentOf(series);
      if (deployment === undefined) continue;
      for (const point of listOf(series['data'])) {
        const { timeStamp, total } = objectOf(point);
        if (typeof timeStamp !== 'string' || total === undefined || total === null) continue;
        const key = JSON.stringify([deployment, timeStamp]);
        const counts = hours.get(key) ?? new Map<string, unknown>();
        hours.set(key, counts.set(name, total));
      }
    }
  }
  for (const [key, counts] of hours) {
    const [deployment, at] = JSON.parse(key) as [string, string];
    addHour(gathering, { deployment, at, counts, region }, names);
  }
  return gathering.result;
}

interface Hour {
  readonly deployment: string;
  readonly at: string;
  readonly counts: ReadonlyMap<string, unknown>;
  readonly region: string | undefined;
}

function addHour(gathering: Gathering, { deployment, at, counts, region }: Hour, names: AzureUsageNames): void {
  const [prompt, generated, requests] = AZURE_METRICS.map((name) => counts.get(name));
  const startMs = Date.parse(at);
  if (!Number.isFinite(startMs)) return gathering.unreadable(`no time: ${at.slice(0, 40)}`);
  const normalized = normalizeUsage({ counting: 'inclusive', input: prompt ?? 0, output: generated ?? 0 });
  if (!normalized.ok) return gathering.unreadable(`${deployment}: ${normalized.reason}`);
  // Azure Monitor fills hours without any use with 0
  if (!prompt && !generated && !requests) return;
  const known = names.deployments[deployment];
  if (!known) gathering.remark(`the deployment ${deployment} is not in "deployments": its model is not known`);
  const record: AiSpendRecord = {
    timestamp: isoOf(startMs),
    period_end: isoOf(startMs + HOUR_MS),
    provider: 'azure.ai.openai',
    model_name: known?.model ?? deployment,
    spend_type: 'completions',
    deployment,
    account_id: names.resourceId.slice(-256),
    ...(region === undefined ? {} : { region }),
    ...(typeof requests === 'number' && Number.isSafeInteger(requests) ? { requests } : {}),
    ...tokenFields(normalized.usage),
    ...(known?.provisioned ? { service_tier: 'provisioned' } : {}),
    record_id: recordId('azure-openai', names.account, 'usage', isoOf(startMs), {
      deployment,
      resource: names.resourceId,
    }),
  };
  gathering.add({ section: 'ai_spend', record }, names);
}

function deploymentOf(series: Json): string | undefined {
  for (const entry of listOf(series['metadatavalues'])) {
    const { name, value } = objectOf(entry);
    if (String(objectOf(name)['value']).toLowerCase() === 'modeldeploymentname') return textOf(value);
  }
  return undefined;
}
