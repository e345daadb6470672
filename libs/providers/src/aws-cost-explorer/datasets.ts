import type { AwsCredentialSource } from '../aws/credentials.js';
import { askAws, awsDialect } from '../aws-json/index.js';
import { Caller, pages, textOf, withList } from '../ask/index.js';
import type { CallerOptions, Json } from '../ask/index.js';
import { DAY_MS, dayOf, HOUR_MS, wholeBuckets } from '../spend/dataset.js';
import type { SpendDataset, SpendWindow } from '../spend/dataset.js';
import { normalizeCostExplorer } from './normalize.js';

/** `SERVICE`, `REGION`, `LINKED_ACCOUNT`, ..., or `TAG:team`, or `COST_CATEGORY:name`. */
export type CostGroup = string;

export interface CostExplorerOptions {
  readonly credentials: AwsCredentialSource;
  /** Goes into the identity of the records: the name of the payer account will do. */
  readonly account: string;
  readonly baseUrl?: string;
  /** At most two, which is what AWS allows. Left out: SERVICE and REGION. */
  readonly groupBy?: readonly CostGroup[];
  /** Pages of one reading: each costs a cent. */
  readonly mostPages?: number;
}

const DEFAULT_PAGES = 40;
/** Cost Explorer stands in one region for the whole of AWS. */
const REGION = 'us-east-1';

const dialect = awsDialect(
  'AWS Cost Explorer',
  'The role or key needs the permission ce:GetCostAndUsage in the payer account, and Cost Explorer has to be switched on there (Billing and Cost Management, Cost Explorer; the first figures come a day later)',
);

/**
 * Daily costs by GetCostAndUsage. AWS refreshes them about three times a day, up to a day late, and takes USD 0.01 a
 * page: never more often than every six hours.
 */
export function costExplorerDatasets(options: CostExplorerOptions): SpendDataset[] {
  return [
    {
      name: 'costs',
      section: 'costs',
      bucketMs: DAY_MS,
      everyMs: 8 * HOUR_MS,
      leastEveryMs: 6 * HOUR_MS,
      lateMs: 7 * DAY_MS,
      billedPerCall: true,
      read: async (window, call) => normalizeCostExplorer(await readAll(options, window, call), options.account),
    },
  ];
}

async function readAll(options: CostExplorerOptions, window: SpendWindow, call: CallerOptions): Promise<Json[]> {
  const { fromMs, toMs } = wholeBuckets(window, DAY_MS);
  const { groupBy = ['SERVICE', 'REGION'], mostPages = DEFAULT_PAGES } = options;
  // a question that failed is asked twice at most: some of them are billed all the same
  const caller = new Caller(dialect, { attempts: 2, ...call });
  const question = {
    TimePeriod: { Start: dayOf(fromMs), End: dayOf(toMs) },
    Granularity: 'DAILY',
    Metrics: ['UnblendedCost', 'AmortizedCost', 'UsageQuantity'],
    GroupBy: groupBy.map(groupOf),
  };
  const fetchPage = async (cursor: string | null) => {
    const content = await askAws(caller, {
      baseUrl: options.baseUrl ?? `https://ce.${REGION}.amazonaws.com`,
      service: 'ce',
      region: REGION,
      target: 'AWSInsightsIndexService.GetCostAndUsage',
      credentials: options.credentials,
      body: cursor === null ? question : { ...question, NextPageToken: cursor },
      check: (body) => withList(body, 'ResultsByTime', dialect.name),
    });
    return { content, next: textOf(content['NextPageToken']) ?? null };
  };
  const all: Json[] = [];
  for await (const page of pages(dialect.name, fetchPage, mostPages)) all.push(page);
  return all;
}

function groupOf(group: CostGroup): { Type: string; Key: string } {
  const [, type, key] = /^(TAG|COST_CATEGORY):(.+)$/.exec(group) ?? [];
  return type !== undefined && key !== undefined ? { Type: type, Key: key } : { Type: 'DIMENSION', Key: group };
}
