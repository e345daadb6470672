import { smoothNoise, unit } from '@flotilla/domain';
import type { AiUsage } from '@flotilla/domain';
import type { UsageRecord } from '../ai-spend/index.js';
import { DEMO_SEED } from './demo.types.js';
import type { DemoFleet } from './demo.types.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Caller {
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  readonly spendType?: string;
  readonly team: string;
  readonly project: string;
  /** Requests of an hour at noon on a weekday, today. */
  readonly requests: number;
  readonly input: number;
  /** Share of the input that a cache has. */
  readonly cached: number;
  readonly output: number;
  /** Of 1,000 requests. */
  readonly webSearches?: number;
}

/** Applications that call models of others. Numbers that make a picture, and nothing else. */
const CALLERS: readonly Caller[] = [
  caller('chat-frontend', 'anthropic', 'claude-sonnet-4-5', 'assistants', 'chat-serving', 420, 6_200, 0.7, 480, {
    webSearches: 40,
  }),
  caller('summaries-fallback', 'openai', 'gpt-4o', 'assistants', 'summaries-api', 260, 3_800, 0.4, 350),
  caller('ticket-triage', 'openai', 'gpt-4o-mini', 'growth', 'experiments', 900, 1_100, 0.2, 120),
  caller('catalog-embeddings', 'openai', 'text-embedding-3-large', 'search', 'embeddings-online', 1_500, 700, 0, 0, {
    spendType: 'embedding',
  }),
  caller(
    'code-review',
    'aws_bedrock',
    'anthropic.claude-3-5-haiku-20241022-v1:0',
    'platform',
    'shared-notebooks',
    150,
    9_000,
    0.5,
    700,
  ),
  // no list has its price: shown as unpriced, as it would be
  caller('labelling-assistant', 'acme', 'acme-vision-2', 'vision', 'labelling-tools', 80, 2_000, 0, 200),
];

/** Models that the fleet's own machines serve, by project; tokens of an hour and machine at noon. */
const SERVED: Readonly<Record<string, readonly [model: string, requests: number, input: number, output: number]>> = {
  'chat-serving': ['atlas-70b-chat', 5_200, 1_800, 420],
  'summaries-api': ['atlas-8b-summaries', 7_400, 2_600, 180],
  'embeddings-online': ['atlas-embed', 42_000, 420, 0],
  transcription: ['atlas-speech', 3_100, 900, 260],
};
/** Training runs: of which project, and how many days each. */
const RUNS: Readonly<Record<string, number>> = { 'atlas-alignment': 6, 'speech-to-text-v4': 11 };

/** Usage from `fromMs` to `toMs`, in buckets of an hour; of six where it is older than `fineFromMs`. */
export function demoUsage(fleet: DemoFleet, fromMs: number, toMs: number, fineFromMs: number): UsageRecord[] {
  const records: UsageRecord[] = [];
  for (let at = fromMs; at < toMs;) {
    const hours = at < fineFromMs ? Math.min(6, Math.max(1, Math.floor((toMs - at) / HOUR_MS))) : 1;
    CALLERS.forEach((one, n) => records.push(...calls(one, n, at, hours)));
    for (const machine of fleet.machines) {
      const served = servedBy(machine, at, hours);
      if (served) records.push(served);
    }
    at += hours * HOUR_MS;
  }
  return records;
}

function calls(one: Caller, n: number, at: number, hours: number): UsageRecord[] {
  const requests = Math.round(one.requests * hours * busyness(n, at));
  if (requests === 0) return [];
  const input = requests * one.input;
  const cacheRead = Math.round(input * one.cached);
  const usage = { ...NOTHING, uncachedInput: input - cacheRead, cacheRead, output: requests * one.output };
  const spendType = one.spendType ?? 'inference';
  const of = { ...OF, provider: one.provider, model: one.model, spendType };
  const whose = { workloadRef: one.name, projectId: one.project, teamId: one.team };
  const errors = Math.floor(requests * 0.004 * unit(DEMO_SEED, n, at / HOUR_MS));
  const record = bucket(`calls/${one.name}`, at, hours, { ...of, ...whose }, usage, requests, errors);
  if (one.webSearches === undefined) return [record];
  const searches = Math.round((requests * one.webSearches) / 1_000);
  const search = { ...of, ...whose, spendType: 'web_search_calls', usageUnit: 'calls' };
  const units = bucket(`searches/${one.name}`, at, hours, search, null, searches, 0);
  return [record, { ...units, quantity: String(searches) }];
}

function servedBy({ simulated }: DemoFleet['machines'][number], at: number, hours: number): UsageRecord | null {
  const { project, team } = simulated.tags;
  const whose = { workloadRef: project ?? null, projectId: project ?? null, teamId: team ?? null };
  const of = { ...OF, ...whose, provider: 'self_hosted' };
  const name = `served/${simulated.providerId}`;
  const served = SERVED[project ?? ''];
  if (served) {
    const [model, most, input, output] = served;
    const requests = Math.round(most * hours * busyness(simulated.number, at));
    const usage = { ...NOTHING, uncachedInput: requests * input, output: requests * output };
    return on(
      bucket(name, at, hours, { ...of, model, spendType: 'inference' }, usage, requests, 0),
      simulated.providerId,
    );
  }
  const days = RUNS[project ?? ''];
  if (days === undefined) return null;
  const runId = `${project}-${Math.floor(at / DAY_MS / days)}`;
  const usage = { ...NOTHING, uncachedInput: 38_000_000 * hours };
  const training = { ...of, model: project!, spendType: 'training', runId };
  return on(bucket(name, at, hours, training, usage, null, 0), simulated.providerId);
}

/** How much is asked for, against noon of a weekday today: night and weekend are quiet, and it has been growing. */
function busyness(n: number, at: number): number {
  const day = Math.floor(at / DAY_MS);
  const hour = (at % DAY_MS) / HOUR_MS;
  const daily = 0.25 + 0.75 * Math.max(0, Math.sin(((hour - 5) / 16) * Math.PI));
  const weekly = (day + 3) % 7 >= 5 ? 0.45 : 1;
  const growth = 1 + (day - Math.floor(Date.now() / DAY_MS)) * 0.004;
  return daily * weekly * Math.max(0.3, growth) * (1 + 0.18 * smoothNoise(DEMO_SEED + n, at / HOUR_MS / 5));
}

const NOTHING: AiUsage = {
  uncachedInput: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  reasoning: null,
  batch: null,
  tier: null,
};

const OF = {
  source: 'otlp',
  costCenter: null,
  businessUnit: null,
  runId: null,
  contextWindow: null,
  usageUnit: null,
} as const;

function bucket(
  name: string,
  at: number,
  hours: number,
  of: UsageRecord['of'],
  usage: AiUsage | null,
  requests: number | null,
  errors: number,
): UsageRecord {
  return {
    // by its hour alone: what was written coarse is told fine by nobody again
    identity: `demo\n${name}\n${at}`,
    at: new Date(at),
    until: new Date(at + hours * HOUR_MS),
    of,
    usage,
    requests,
    errors,
    quantity: null,
    told: null,
    servedBy: [],
    traceId: null,
  };
}

const on = (record: UsageRecord, providerId: string): UsageRecord => ({ ...record, servedBy: [providerId] });

function caller(
  name: string,
  provider: string,
  model: string,
  team: string,
  project: string,
  requests: number,
  input: number,
  cached: number,
  output: number,
  more: Partial<Caller> = {},
): Caller {
  return { name, provider, model, team, project, requests, input, cached, output, ...more };
}
