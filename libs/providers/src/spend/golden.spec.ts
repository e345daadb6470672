import { AiSpendElement, CostElement } from '@flotilla/contracts';
import { haveProviderAnswers, providerAnswer } from '../../../../test/support/provider-answers/index.js';
import { normalizeAnthropicCosts, normalizeAnthropicUsage } from '../anthropic/index.js';
import { normalizeCostExplorer } from '../aws-cost-explorer/index.js';
import { normalizeAzureCosts, normalizeAzureOpenAi } from '../azure/index.js';
import { normalizeBedrockLog } from '../bedrock/index.js';
import { normalizeOpenAiCosts, normalizeOpenAiUsage, OPENAI_USAGES } from '../openai/index.js';
import { addAmounts } from './index.js';
import type { Normalized } from './index.js';

const LATER = Date.UTC(2027, 0, 1);
const responseOf = (name: string) => [providerAnswer(name)['response'] as Record<string, unknown>];

/** Every record is an element that the control plane takes, and no field of it is unknown there. */
function acceptable({ records, unreadable }: Normalized): Normalized['records'] {
  expect(unreadable).toBe(0);
  for (const { section, record } of records) {
    const schema = section === 'costs' ? CostElement : AiSpendElement;
    expect(schema.parse(record)).toEqual(record);
    expect(Object.keys(record).filter((field) => !Object.hasOwn(schema.shape, field))).toEqual([]);
  }
  expect(new Set(records.map(({ record }) => record.record_id)).size).toBe(records.length);
  return records;
}

const costsOf = (normalized: Normalized) =>
  acceptable(normalized).map(({ section, record }) => {
    if (section !== 'costs') throw new Error('not a cost');
    return record;
  });
const spendOf = (normalized: Normalized) =>
  acceptable(normalized).map(({ section, record }) => {
    if (section !== 'ai_spend') throw new Error('not usage');
    return record;
  });
const total = (costs: readonly { amount: string }[]) => costs.reduce((sum, { amount }) => addAmounts(sum, amount), '0');

(haveProviderAnswers() ? describe : describe.skip)('answers of providers, to the last digit', () => {
  it('OpenAI costs: 0.06 dollars of a day', () => {
    const costs = costsOf(normalizeOpenAiCosts(responseOf('openai_organization_costs'), 'acme', LATER));
    expect(costs).toMatchObject([
      { date: '2024-11-01', amount: '0.06', currency: 'USD', service: 'OpenAI API', cost_source: 'bill' },
    ]);
    expect(costs[0]).not.toHaveProperty('estimated');
  });

  it('OpenAI completions: 1000 = 500 + 400 + 100, audio told as a part of it', () => {
    const [usage, ...more] = spendOf(
      normalizeOpenAiUsage('completions', responseOf('openai_organization_usage_completions'), 'acme'),
    );
    expect(more).toEqual([]);
    expect(usage).toMatchObject({
      timestamp: '2024-11-01T00:00:00.000Z',
      period_end: '2024-11-02T00:00:00.000Z',
      model_name: 'unknown',
      requests: 5,
      input_tokens: 1000,
      cached_input_tokens: 400,
      cache_write_5m_input_tokens: 100,
      cache_write_1h_input_tokens: 0,
      output_tokens: 500,
      input_audio_tokens: 50,
      cached_input_audio_tokens: 50,
      output_audio_tokens: 50,
    });
    // nobody told
    expect(usage).not.toHaveProperty('batch');
    expect(usage).not.toHaveProperty('reasoning_tokens');
  });

  it.each([
    ['embeddings', { input_tokens: 16, output_tokens: 0, requests: 2, model_name: 'unknown' }],
    ['moderations', { input_tokens: 16, output_tokens: 0, requests: 2 }],
    ['images', { usage_quantity: '2', usage_unit: 'images', requests: 2 }],
    ['audio_speeches', { usage_quantity: '45', usage_unit: 'characters', requests: 1 }],
    ['audio_transcriptions', { usage_quantity: '20', usage_unit: 'seconds', requests: 1 }],
    ['vector_stores', { usage_quantity: '1024', usage_unit: 'bytes', model_name: 'vector_stores' }],
    ['code_interpreter_sessions', { usage_quantity: '1', usage_unit: 'sessions', requests: 1 }],
    ['file_search_calls', { usage_quantity: '2', usage_unit: 'calls', requests: 2 }],
    ['web_search_calls', { usage_quantity: '2', usage_unit: 'calls', requests: 2 }],
  ] as const)('OpenAI %s', (usage, expected) => {
    const spend = spendOf(normalizeOpenAiUsage(usage, responseOf(`openai_organization_usage_${usage}`), 'acme'));
    expect(spend).toMatchObject([{ provider: 'openai', spend_type: usage, ...expected }]);
  });

  it('knows every data set of OpenAI that was collected', () => {
    for (const usage of OPENAI_USAGES) expect(providerAnswer(`openai_organization_usage_${usage}`)).toBeDefined();
  });

  it('Anthropic costs: "123.78912" cents are 1.2378912 dollars', () => {
    const costs = costsOf(normalizeAnthropicCosts(responseOf('anthropic_cost_report'), 'acme', LATER));
    expect(costs).toMatchObject([
      {
        date: '2025-08-01',
        amount: '1.2378912',
        currency: 'USD',
        model_name: 'claude-sonnet-4-20250514',
        token_type: 'uncached_input_tokens',
        service_tier: 'standard',
        project_id: 'wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ',
        sku: 'Claude Sonnet 4 Usage - Input Tokens',
      },
    ]);
  });

  it('Anthropic usage: all input is 1500 + 200 + 500 + 1000, the searches are a record of their own', () => {
    const spend = spendOf(normalizeAnthropicUsage(responseOf('anthropic_usage_report_messages'), 'acme'));
    expect(spend).toMatchObject([
      {
        model_name: 'claude-sonnet-4-20250514',
        input_tokens: 3200,
        cached_input_tokens: 200,
        cache_write_5m_input_tokens: 500,
        cache_write_1h_input_tokens: 1000,
        output_tokens: 500,
        batch: false,
        service_tier: 'standard',
        context_window: '0-200k',
        api_key_id: 'apikey_01Rj2N8SVvo6BePZj99NhmiT',
      },
      { spend_type: 'web_search_calls', usage_quantity: '10', usage_unit: 'calls' },
    ]);
    expect(spend[0]).not.toHaveProperty('requests');
  });

  it('AWS Cost Explorer by month and service: 979.3913243802 dollars in 36 rows', () => {
    const costs = costsOf(normalizeCostExplorer(responseOf('aws_ce_get_cost_and_usage_monthly_by_service'), 'payer'));
    expect(costs).toHaveLength(36);
    expect(total(costs)).toBe('979.3913243802');
    const may = costs.filter(({ date }) => date === '2023-05-01');
    expect(total(may)).toBe('471.5158156475');
    expect(may[0]).toMatchObject({ period_end: '2023-06-01T00:00:00.000Z', cloud_provider: 'aws', currency: 'USD' });
    expect(costs.find(({ service }) => service === 'AWS CodeArtifact')?.amount).toBe('0.0051256592');
  });

  it('AWS Cost Explorer by day and tag: 3.954051454 dollars', () => {
    const costs = costsOf(normalizeCostExplorer(responseOf('aws_ce_get_cost_and_usage_daily_by_tag'), 'payer'));
    expect(total(costs)).toBe('3.954051454'); // …4540 without its last zero
    expect(costs[0]).toMatchObject({ date: '2023-12-12', amount: '0.208', tags: { CreatedBy: 'user-1' } });
    expect(costs[0]).not.toHaveProperty('period_end');
  });

  it('Azure costs: 383.86 dollars of two days, columns by name', () => {
    const costs = costsOf(
      normalizeAzureCosts(responseOf('azure_costmanagement_query'), 'acme', 'subscriptions/0', LATER),
    );
    expect(total(costs)).toBe('383.86'); // 161.28 + 12.4 + 161.28 + 48.9
    expect(costs[1]).toMatchObject({
      date: '2026-03-01',
      service: 'Cognitive Services',
      amount: '12.4',
      tags: { team: 'chatbot' },
    });
  });

  it('Azure OpenAI: tokens by deployment and hour, the model from the map', () => {
    const names = {
      account: 'acme',
      resourceId: '/subscriptions/0/x',
      deployments: { 'gpt-4o-prod': { model: 'gpt-4o' } },
    };
    const [answer] = responseOf('azure_monitor_openai_metrics');
    expect(spendOf(normalizeAzureOpenAi(answer!, names))).toMatchObject([
      { timestamp: '2026-03-01T00:00:00.000Z', model_name: 'gpt-4o', input_tokens: 120000, output_tokens: 30500 },
      { timestamp: '2026-03-01T01:00:00.000Z', region: 'eastus', input_tokens: 98000, output_tokens: 22100 },
    ]);
    const unmapped = normalizeAzureOpenAi(answer!, { ...names, deployments: {} });
    expect(spendOf(unmapped)[0]).toMatchObject({ model_name: 'gpt-4o-prod', deployment: 'gpt-4o-prod' });
    expect(unmapped.remarks).toEqual([expect.stringContaining('gpt-4o-prod is not in "deployments"')]);
  });

  it('Bedrock: the log by hour, with the tags that were asked for and a profile whose model is told', () => {
    const records = providerAnswer('aws_bedrock_model_invocation_log')['records'] as unknown[];
    const profile = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/xyz';
    const names = { account: 'acme', tags: ['team'], profiles: { xyz: 'amazon.nova-pro-v1:0' } };
    expect(spendOf(normalizeBedrockLog(records, names))).toMatchObject([
      {
        timestamp: '2026-04-17T14:00:00.000Z',
        model_name: 'anthropic.claude-sonnet-4-20250514-v1:0',
        region: 'us-west-2',
        input_tokens: 1500,
        output_tokens: 500,
        requests: 1,
        tags: { team: 'search' },
        account_id: '123456789012',
      },
      { model_name: 'amazon.nova-pro-v1:0', deployment: profile, input_tokens: 512, output_tokens: 256 },
    ]);
    // the same invocations twice as many: added up, because the hour is told at once
    expect(spendOf(normalizeBedrockLog([...records, ...records], names))[0]).toMatchObject({
      input_tokens: 3000,
      requests: 2,
    });
  });
});
