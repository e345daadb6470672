/** What providers bill: from their APIs through an agent into the ledger, once. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentGateway } from '../../apps/control-plane/src/agent-gateway/index.js';
import { AgentProcess } from '../support/agent-process/agent-process.js';
import { startTestApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { FakeAnthropic, FakeAws, FakeOpenAi } from '../support/fake-providers/index.js';
import { until } from './support/until.js';

const DAY_MS = 86_400_000;
const yesterdayMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS;
const yesterday = new Date(yesterdayMs).toISOString().slice(0, 10);
const AWS_KEY = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-of-the-test' };

let app: TestApp;
let folder: string;
let openAi: FakeOpenAi;
let anthropic: FakeAnthropic;
let aws: FakeAws;
const running: AgentProcess[] = [];
beforeAll(async () => {
  [app, openAi, anthropic, aws] = await Promise.all([
    startTestApp(),
    FakeOpenAi.start(),
    FakeAnthropic.start(),
    FakeAws.start(),
  ]);
  folder = mkdtempSync(join(tmpdir(), 'flotilla-spend-e2e-'));
}, 60_000);
afterAll(async () => {
  // one that a failed test left keeps jest from ending
  for (const one of running) await one.kill();
  for (const { http } of [openAi, anthropic, aws]) await http.close();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Charge {
  readonly provider: string;
  readonly service: string;
  readonly day: string;
  readonly billed_cost: string;
  readonly currency: string;
  readonly sku_id: string | null;
  readonly estimated: boolean;
}

const ledger = () =>
  app.db.system((tx) =>
    tx.rows<Charge>(
      `SELECT c.provider, c.service, c.charge_day::text AS day, c.billed_cost, c.currency, c.sku_id, c.estimated
       FROM flotilla.costs c ORDER BY c.provider, c.billed_cost`,
    ),
  );

async function agent(token?: string): Promise<AgentProcess> {
  const { port } = app.app.get(AgentGateway, { strict: false });
  writeFileSync(join(folder, 'openai.key'), 'sk-admin-test\n');
  const started = await AgentProcess.start({
    stateDir: join(folder, 'state'),
    args: ['--server', `127.0.0.1:${port}`, ...(token ? ['--token', token] : [])],
    env: { ...AWS_KEY, ANTHROPIC_ADMIN_KEY: 'sk-ant-admin-test' },
    config: {
      instance: { instance_id: 'collector-1' },
      spend: [
        {
          kind: 'openai',
          base_url: openAi.http.url,
          api_key_file: join(folder, 'openai.key'),
          usages: ['completions'],
        },
        { kind: 'anthropic', base_url: anthropic.http.url, api_key_env: 'ANTHROPIC_ADMIN_KEY', usage: false },
        { kind: 'aws-cost-explorer', base_url: aws.http.url, account: 'payer' },
      ],
    },
  });
  running.push(started);
  return started;
}

/** What the usage of models came to, by our own prices. */
const usage = () =>
  app.db.system((tx) =>
    tx.rows<Record<string, unknown>>(
      `SELECT d.provider, d.model, d.project_id, u.requests, u.output, u.cost::text AS cost, d.cost_origin
         FROM flotilla.ai_usage u JOIN flotilla.ai_dimensions d ON d.tenant_id = u.tenant_id AND d.id = u.dimension_id`,
    ),
  );

const statusText = () => {
  const path = join(folder, 'state', 'status.json');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

it('tells three bills to the last digit, nothing again after a restart, and a correction once it is due', async () => {
  openAi.put('costs', yesterdayMs, { amount: { value: 0.06, currency: 'usd' }, line_item: 'gpt-4o-2024-08-06, input' });
  openAi.put('usage/completions', yesterdayMs, {
    object: 'organization.usage.completions.result',
    model: 'gpt-4o-2024-11-20',
    project_id: 'proj_1',
    num_model_requests: 2,
    input_tokens: 1200,
    input_cached_tokens: 800,
    output_tokens: 300,
  });
  anthropic.costs.set(yesterdayMs, [
    { currency: 'USD', amount: '123.78912', model: 'claude-sonnet-4', token_type: 'output_tokens' },
  ]);
  const ec2 = { keys: ['Amazon Elastic Compute Cloud - Compute', 'us-east-1'], amount: '39.4826997565' };
  aws.days.set(yesterday, { groups: [ec2, { keys: ['Tax', 'NoRegion'], amount: '0.0000000041' }], estimated: true });

  const admin = await app.login('admin');
  const made = await app.call('POST', '/api/agents/enrollment-tokens', { as: admin, body: { name: 'host' } });
  const first = await agent(made.body.data.token as string);
  const said = () => first.log.slice(-4000);
  await until('four charges are in the ledger', async () => (await ledger()).length === 4, {
    withinMs: 30_000,
    because: said,
  });
  expect(await ledger()).toMatchObject([
    { provider: 'anthropic', service: 'Claude API', day: yesterday, billed_cost: '1.2378912', currency: 'USD' },
    { provider: 'aws', billed_cost: '0.0000000041', estimated: true },
    { provider: 'aws', service: ec2.keys[0], billed_cost: '39.4826997565' },
    { provider: 'openai', service: 'OpenAI API', billed_cost: '0.06', estimated: false },
  ]);
  await until('the usage is priced', async () => (await usage()).length === 1, { withinMs: 20_000, because: said });
  // (400 × 2.50 + 800 × 1.25 + 300 × 10) / 1e6
  const priced = { provider: 'openai', model: 'gpt-4o-2024-11-20', project_id: 'proj_1', cost: '0.005' };
  expect(await usage()).toMatchObject([{ ...priced, requests: 2, output: 300, cost_origin: 'estimate' }]);
  await until(
    'the status on the host shows the sources',
    () => Promise.resolve(statusText().includes('"spend/aws-cost-explorer/payer"')),
    { withinMs: 20_000, because: statusText },
  );
  const { body } = await app.call('GET', '/api/agents', { as: admin });
  expect(JSON.stringify(body)).not.toContain('sk-admin');
  await first.kill('SIGTERM');
  // nothing of the keys was ever written down
  expect(first.log).not.toMatch(/sk-admin-test|sk-ant-admin-test|secret-of-the-test/);

  const asked = aws.http.asked.length;
  const again = await agent();
  await until(
    'the second run is connected',
    async () => Promise.resolve(again.log.includes('connected to the control plane')),
    { withinMs: 30_000, because: () => again.log },
  );
  await new Promise((resolve) => setTimeout(resolve, 7_000));
  await again.kill('SIGTERM');
  expect(aws.http.asked).toHaveLength(asked);
  expect(await ledger()).toHaveLength(4);

  // the books are lost, and yesterday's bill was corrected meanwhile: all is told again, one charge changes
  rmSync(join(folder, 'state', 'spend'), { recursive: true });
  aws.days.set(yesterday, {
    groups: [
      { ...ec2, amount: '40' },
      { keys: ['Tax', 'NoRegion'], amount: '0.0000000041' },
    ],
  });
  const third = await agent();
  await until(
    'the correction is in the ledger',
    async () => (await ledger()).some(({ billed_cost }) => billed_cost === '40'),
    { withinMs: 30_000, because: () => third.log },
  );
  await third.kill('SIGTERM');
  expect((await ledger()).map(({ billed_cost }) => billed_cost)).toEqual(['1.2378912', '0.0000000041', '40', '0.06']);
  // told again after the books were lost, and counted once
  expect(await usage()).toHaveLength(1);
}, 120_000);
