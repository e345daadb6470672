/** A real agent on a machine that says it is a cloud's, and what the control plane makes of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentGateway } from '../../apps/control-plane/src/agent-gateway/index.js';
import { AgentProcess, eventually } from '../support/agent-process/agent-process.js';
import { startTestApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { awsMetadata, FakeMetadata } from '../support/fake-cloud-metadata/index.js';
import { FakeControlPlane } from '../support/fake-control-plane/fake-control-plane.js';
import { FIXTURE, writeScenario } from '../support/nvidia-smi-replay/index.js';
import type { Json } from './support/api.js';
import { until } from './support/until.js';

let folder: string;
let metadata: FakeMetadata;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-identity-'));
  metadata = await FakeMetadata.start(awsMetadata({ tags: { team: 'ml' } }));
});
afterEach(() => {
  metadata.stop();
  rmSync(folder, { recursive: true, force: true });
});

function startAgent(server: string, token: string): Promise<AgentProcess> {
  const replay = writeScenario(join(folder, 'tool'), { gpus: [{ capture: FIXTURE, uuid: 'GPU-aaaa' }] });
  return AgentProcess.start({
    stateDir: join(folder, 'state'),
    args: ['--server', server, '--token', token, '--interval', '1'],
    nvidiaSmi: replay.executable,
    env: {
      FLOTILLA_METADATA_CLOUD: 'aws',
      FLOTILLA_METADATA_ADDRESS: metadata.address,
      FLOTILLA_NODE_NAME: 'gpu-7.cluster',
    },
  });
}

describe('with a control plane', () => {
  let app: TestApp;
  beforeAll(async () => (app = await startTestApp()), 60_000);
  afterAll(() => app.close());

  it('is first what it can be, then what its cloud says, in one row and with a price', async () => {
    const [admin, viewer] = [await app.login('admin'), await app.login('viewer')];
    const { body } = await app.call('POST', '/api/agents/enrollment-tokens', { as: admin, body: { name: 'x' } });
    metadata.silent = true;
    const { port } = app.app.get(AgentGateway, { strict: false });
    const agent = await startAgent(`127.0.0.1:${port}`, body.data.token);
    const instances = async (): Promise<Json[]> =>
      (await app.call('GET', '/api/instances', { as: viewer })).body.data as Json[];
    try {
      const first = await until('a machine without a name of its own', async () => (await instances())[0], {
        because: () => agent.log,
      });
      expect(first).toMatchObject({ instance_id: expect.stringMatching(/^host-/), hourly_cost: null });
      metadata.silent = false;
      // it asks again after 5 s
      const known = await until(
        'the machine under the name that its cloud gave it',
        async () => (await instances()).find((one) => one.instance_id === 'i-0fedcba9876543210' && one.hourly_cost),
        { withinMs: 20_000, because: () => agent.log },
      );
      expect(known).toMatchObject({
        id: first.id,
        cloud_provider: 'aws',
        region: 'us-east-1',
        instance_type: 'p5.48xlarge',
        hourly_cost: 55.04,
        currency: 'USD',
        hourly_cost_source: 'price_table',
        tags: { team: 'ml' },
        placement: {
          zone: 'us-east-1b',
          account: '123456789012',
          lifecycle: 'on_demand',
          kubernetes_node: 'gpu-7.cluster',
        },
      });
      expect(await instances()).toHaveLength(1);
      expect(metadata.broken).toEqual([]);
      const details = await app.call('GET', `/api/instances/${first.id}`, { as: viewer });
      const sources = details.body.data.facts.filter((one: Json) => one.fact === 'instance_type');
      expect(sources.map((one: Json) => one.source)).toEqual(['cloud']);
    } finally {
      await agent.kill();
    }
  }, 60_000);
});

it('shows its first values although its cloud says nothing', async () => {
  const fake = await FakeControlPlane.start();
  metadata.silent = true;
  const agent = await startAgent(fake.address, fake.token);
  const shown = () => fake.messages.some((m) => m.live?.devices.some(({ device }) => device === 'GPU-aaaa'));
  await eventually('values of the GPU', shown, 20_000, () => agent.log);
  await eventually(
    'its inventory',
    () => fake.messages.some((m) => m.inventory),
    10_000,
    () => agent.log,
  );
  await agent.kill();
  fake.stop();
}, 60_000);
