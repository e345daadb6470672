import { isObject, objectOf, pages, ProviderError, textOf, withList } from '../ask/index.js';
import type { CallerOptions, Json } from '../ask/index.js';
import { DAY_MS, HOUR_MS, isoOf, wholeBuckets } from '../spend/dataset.js';
import type { SpendDataset, SpendWindow } from '../spend/dataset.js';
import { normalizeAzureCosts } from './costs.js';
import { askAzure, azureDialect, sameOrigin } from './management.js';
import { AZURE_METRICS, normalizeAzureOpenAi } from './openai-usage.js';
import type { AzureDeployment } from './openai-usage.js';
import { AzureTokens } from './token.js';
import type { AzurePrincipal } from './token.js';

interface Common {
  readonly principal: AzurePrincipal;
  /** Goes into the identity of the records. */
  readonly account: string;
  /** Left out: management.azure.com. */
  readonly baseUrl?: string;
}

export interface AzureCostOptions extends Common {
  /** `subscriptions/<id>`, a resource group of one, or a billing account. */
  readonly scope: string;
  /** Dimensions, or `TAG:team`; at most two. Left out: ServiceName and ResourceLocation. */
  readonly groupBy?: readonly string[];
}

export interface AzureOpenAiOptions extends Common {
  /** `/subscriptions/…/providers/Microsoft.CognitiveServices/accounts/<name>` */
  readonly resourceId: string;
  readonly deployments: Readonly<Record<string, AzureDeployment>>;
}

const MANAGEMENT = 'https://management.azure.com';
const MOST_PAGES = 100;
const COSTS = azureDialect(
  'Azure Cost Management',
  'The service principal needs the role Cost Management Reader on the scope',
);
const MONITOR = azureDialect(
  'Azure Monitor',
  'The service principal needs the role Monitoring Reader on the Azure OpenAI resource',
);

/** Daily costs by Microsoft.CostManagement/query, which allows about four questions a minute and scope. */
export function azureCostDatasets(options: AzureCostOptions): SpendDataset[] {
  const tokens = new AzureTokens(options.principal);
  return [
    {
      name: 'costs',
      section: 'costs',
      bucketMs: DAY_MS,
      everyMs: 8 * HOUR_MS,
      leastEveryMs: HOUR_MS,
      lateMs: 7 * DAY_MS,
      billedPerCall: false,
      read: async (window, call) =>
        normalizeAzureCosts(
          await readCosts(options, tokens, window, call),
          options.account,
          options.scope,
          (call.nowMs ?? Date.now)(),
        ),
    },
  ];
}

/** Tokens by deployment and hour from Azure Monitor. */
export function azureOpenAiDatasets(options: AzureOpenAiOptions): SpendDataset[] {
  const tokens = new AzureTokens(options.principal);
  return [
    {
      name: 'usage/deployments',
      section: 'ai_spend',
      bucketMs: HOUR_MS,
      everyMs: 15 * 60_000,
      leastEveryMs: 60_000,
      lateMs: DAY_MS,
      billedPerCall: false,
      async read(window, call) {
        const { fromMs, toMs } = wholeBuckets(window, HOUR_MS);
        const url = new URL(
          `${trimmed(options.baseUrl)}/${options.resourceId.replace(/^\/+|\/+$/g, '')}/providers/Microsoft.Insights/metrics`,
        );
        url.search = new URLSearchParams({
          'api-version': '2023-10-01',
          metricnames: AZURE_METRICS.join(','),
          aggregation: 'Total',
          interval: 'PT1H',
          timespan: `${seconds(fromMs)}/${seconds(toMs)}`,
          $filter: "ModelDeploymentName eq '*'",
          top: '1000',
        }).toString();
        const answer = await askAzure(MONITOR, tokens, call, { method: 'GET', url }, (body) =>
          withList(body, 'value', MONITOR.name),
        );
        return normalizeAzureOpenAi(answer, options);
      },
    },
  ];
}

async function readCosts(
  options: AzureCostOptions,
  tokens: AzureTokens,
  window: SpendWindow,
  call: CallerOptions,
): Promise<Json[]> {
  const { fromMs, toMs } = wholeBuckets(window, DAY_MS);
  const baseUrl = trimmed(options.baseUrl);
  const scope = options.scope.replace(/^\/+|\/+$/g, '');
  const first = `${baseUrl}/${scope}/providers/Microsoft.CostManagement/query?api-version=2023-11-01`;
  const body = JSON.stringify({
    type: 'ActualCost',
    timeframe: 'Custom',
    // both ends inclusive
    timePeriod: { from: isoOf(fromMs), to: isoOf(toMs - 1000) },
    dataset: {
      granularity: 'Daily',
      aggregation: { totalCost: { name: 'Cost', function: 'Sum' } },
      grouping: (options.groupBy ?? ['ServiceName', 'ResourceLocation']).map((group) =>
        group.startsWith('TAG:') ? { type: 'TagKey', name: group.slice(4) } : { type: 'Dimension', name: group },
      ),
    },
  });
  const fetchPage = async (cursor: string | null) => {
    // the same body again for every page
    const url = cursor === null ? new URL(first) : sameOrigin(cursor, baseUrl, COSTS.name);
    const content = await askAzure(COSTS, tokens, call, { method: 'POST', url, body }, withRows);
    return { content, next: textOf(objectOf(content['properties'])['nextLink']) ?? null };
  };
  const all: Json[] = [];
  for await (const page of pages(COSTS.name, fetchPage, MOST_PAGES)) all.push(page);
  return all;
}

function withRows(body: unknown): Json {
  if (isObject(body)) {
    withList(body['properties'], 'columns', COSTS.name);
    withList(body['properties'], 'rows', COSTS.name);
    return body;
  }
  throw new ProviderError('bad_answer', `${COSTS.name} answered without properties`);
}

const trimmed = (url: string = MANAGEMENT) => url.replace(/\/+$/, '');
const seconds = (ms: number) => isoOf(ms).replace('.000Z', 'Z');
