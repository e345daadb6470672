import { aiProvider, normalizeUsage, SELF_HOSTED } from '@flotilla/domain';
import { spendTypeOf } from '../ai-spend/index.js';
import type { UsageRecord } from '../ai-spend/index.js';
import type { AttributeValue, Span } from './spans.js';

type Attributes = ReadonlyMap<string, AttributeValue>;

/**
 * Operations that use tokens themselves. An agent's or a tool's span repeats what the model calls below it used, so its
 * counts would be counted twice.
 */
const WITHOUT_OWN_USAGE = ['invoke_agent', 'create_agent', 'execute_tool', 'invoke_workflow', 'retrieval'];

/**
 * A span of the OpenTelemetry GenAI conventions (of today, and as they were before) as usage; null: it is none.
 *
 * Priced is the model that answered, or else the one that was asked for. Input counts include the cache, as the
 * conventions say. A failed request without counts used nothing.
 */
export function genAiUsage(span: Span): UsageRecord | { readonly refused: string } | null {
  const { attributes, resource } = span;
  const providerName = text(attributes, 'gen_ai.provider.name', 'gen_ai.system');
  const model = text(attributes, 'gen_ai.response.model', 'gen_ai.request.model');
  const operation = text(attributes, 'gen_ai.operation.name');
  if (providerName === null && model === null) return null;
  if (operation !== null && WITHOUT_OWN_USAGE.includes(operation)) return null;
  if (model === null) return operation === null ? null : { refused: 'gen_ai.request.model is missing' };
  if (span.traceId === '' || span.spanId === '') return { refused: 'traceId or spanId is missing or broken' };
  if (!Number.isFinite(span.startMs) || span.startMs <= 0) return { refused: 'startTimeUnixNano is missing or broken' };
  const provider = aiProvider(providerName ?? 'unknown') || 'unknown';
  const failed = span.isError || attributes.has('error.type');
  const counts = countsOf(attributes, failed);
  if (counts && 'refused' in counts) return counts;
  const told = toldCost(attributes);
  if (told && 'refused' in told) return told;
  const at = new Date(span.startMs);
  return {
    identity: `otlp\n${span.traceId}\n${span.spanId}`,
    at,
    until: Number.isFinite(span.endMs) && span.endMs >= span.startMs ? new Date(span.endMs) : at,
    of: {
      source: 'otlp',
      provider,
      model,
      spendType: spendTypeOf(operation ?? undefined),
      ...dimensionsOf(attributes, resource),
      contextWindow: null,
      usageUnit: null,
    },
    usage: counts,
    requests: 1,
    errors: failed ? 1 : 0,
    quantity: null,
    told,
    servedBy: provider === SELF_HOSTED ? servedBy(span) : named(attributes, resource, 'flotilla.instance_id'),
    traceId: span.traceId,
  };
}

function countsOf(attributes: Attributes, failed: boolean) {
  const input = first(attributes, 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.usage.prompt_tokens');
  const output = first(
    attributes,
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.completion_tokens',
    'llm.usage.completion_tokens',
  );
  if (input === undefined && output === undefined && !failed) return null;
  const written1h = attributes.get('gen_ai.usage.cache_creation.ephemeral_1h_input_tokens');
  const written = attributes.get('gen_ai.usage.cache_creation.input_tokens');
  const read = normalizeUsage({
    counting: 'inclusive',
    input: input ?? 0,
    output: output ?? 0,
    cacheRead: attributes.get('gen_ai.usage.cache_read.input_tokens'),
    // the whole of what was written includes what was written for an hour
    cacheWrite5m: typeof written === 'number' && typeof written1h === 'number' ? written - written1h : written,
    cacheWrite1h: written1h,
    reasoning: first(attributes, 'gen_ai.usage.reasoning.output_tokens', 'gen_ai.usage.reasoning_tokens'),
    tier: first(
      attributes,
      'openai.response.service_tier',
      'gen_ai.openai.response.service_tier',
      'gen_ai.response.service_tier',
    ),
    batch: attributes.get('gen_ai.request.batch'),
  });
  return read.ok ? read.usage : { refused: read.reason };
}

/** The proposal `gen_ai.usage.cost.*`: accepted where it is told, with who computed it. */
function toldCost(attributes: Attributes): UsageRecord['told'] | { readonly refused: string } {
  const amount = attributes.get('gen_ai.usage.cost.amount');
  if (amount === undefined) return null;
  const cost =
    typeof amount === 'number' && amount >= 0 && amount < 1e12 ? amount.toFixed(12).replace(/\.?0+$/, '') : amount;
  if (typeof cost !== 'string' || !/^\d{1,12}(\.\d{1,18})?$/.test(cost)) {
    return { refused: `gen_ai.usage.cost.amount is no amount: ${String(amount).slice(0, 40)}` };
  }
  const currency = text(attributes, 'gen_ai.usage.cost.currency');
  if (currency !== null && !/^[A-Z]{3}$/.test(currency)) {
    return { refused: `gen_ai.usage.cost.currency is no ISO 4217 code: ${currency.slice(0, 40)}` };
  }
  const by = text(attributes, 'gen_ai.usage.cost.source') === 'provider' ? 'provider' : 'reported';
  return { cost, currency, by };
}

/** Whose it is: what the span says goes before what the process says of itself. */
function dimensionsOf(attributes: Attributes, resource: Attributes) {
  const either = (...names: string[]) => text(attributes, ...names) ?? text(resource, ...names);
  return {
    workloadRef: either('flotilla.workload_id', 'workload.id', 'service.name'),
    projectId: either('flotilla.project_id', 'project.id', 'project_id', 'openai.project.id'),
    teamId: either('flotilla.team_id', 'team.id', 'team_id', 'team'),
    costCenter: either('flotilla.cost_center', 'cost_center', 'cost.center', 'cost_center.id'),
    businessUnit: either('flotilla.business_unit', 'business_unit', 'business.unit', 'business_unit.id'),
    runId: either('flotilla.run_id', 'run.id', 'run_id', 'mlflow.run_id'),
  };
}

/**
 * The machine that served the tokens. A server's own span ran on it; the span of a client names it as its peer, and its
 * resource is only where the client ran.
 */
function servedBy({ kind, attributes, resource }: Span): string[] {
  const own = named(attributes, resource, 'flotilla.instance_id');
  const peer = ['server.address', 'net.peer.name'].flatMap((name) => text(attributes, name) ?? []);
  if (kind === 3) return [...own, ...peer];
  const machine = ['host.id', 'host.name', 'k8s.node.name', 'service.instance.id'].flatMap(
    (name) => text(resource, name) ?? [],
  );
  return [...own, ...machine];
}

const named = (attributes: Attributes, resource: Attributes, name: string) =>
  [text(attributes, name), text(resource, name)].filter((value) => value !== null);

const first = (attributes: Attributes, ...names: string[]) => {
  for (const name of names) if (attributes.has(name)) return attributes.get(name);
  return undefined;
};

const MOST = 256;

/** The first of these that says something; of texts as long as a novel, the beginning. */
function text(attributes: Attributes, ...names: string[]): string | null {
  for (const name of names) {
    const value = attributes.get(name);
    if (value === undefined || value === '') continue;
    const cleaned = String(value).slice(0, MOST).trim();
    if (cleaned !== '') return cleaned;
  }
  return null;
}
