import { FakeAws, FakeAzure } from '../../../../test/support/fake-providers/index.js';
import {
  closeAll,
  NOW,
  opened,
  readDays as read,
  sumOf,
  waits,
} from '../../../../test/support/fake-providers/reading.js';
import { fixedAwsCredentials } from '../aws/index.js';
import { costExplorerDatasets } from '../aws-cost-explorer/index.js';
import { azureCostDatasets, azureOpenAiDatasets } from '../azure/index.js';
import { bedrockDatasets } from '../bedrock/index.js';

afterEach(closeAll);

describe('AWS', () => {
  const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-the-test' };

  async function scene(credentials = fixedAwsCredentials(KEY)) {
    const fake = opened(await FakeAws.start());
    fake.nowMs = () => NOW;
    const [costs] = costExplorerDatasets({ credentials, account: 'payer', baseUrl: fake.http.url, mostPages: 5 });
    return { fake, costs };
  }

  it('Cost Explorer: signed, a day split over pages, none of its groups lost', async () => {
    const { fake, costs } = await scene();
    fake.pageSize = 2;
    const groups = ['0.1', '0.0000000001', '-4.5'].map((amount, i) => ({
      keys: [`Service ${i}`, 'us-east-1'],
      amount,
    }));
    fake.days.set('2026-11-20', { groups });
    fake.days.set('2026-11-21', { groups, estimated: true });
    const found = await read(costs, 3);
    expect(found.records).toHaveLength(6);
    expect(sumOf(found)).toBe('-8.7999999998'); // 2 × (0.1 + 0.0000000001 − 4.5)
    expect(found.records[2]!.record).toMatchObject({
      amount: '-4.5',
      charge_category: 'adjustment',
      region: 'us-east-1',
    });
    expect(found.records[3]!.record).toMatchObject({ date: '2026-11-21', estimated: true });
    expect(found.records[0]!.record).not.toHaveProperty('usage_quantity');
    expect(JSON.parse(fake.http.asked[0]!.body)).toMatchObject({
      TimePeriod: { Start: '2026-11-19', End: '2026-11-23' },
    });
  });

  it('Cost Explorer: never more pages than it may pay for, and two attempts at most', async () => {
    const { fake, costs } = await scene();
    fake.pageSize = 1;
    const groups = Array.from({ length: 9 }, (_, i) => ({ keys: [`Service ${i}`, 'x'], amount: '1' }));
    fake.days.set('2026-11-21', { groups });
    await expect(read(costs, 3)).rejects.toThrow('more than 5 pages');
    expect(fake.http.asked).toHaveLength(5);
    fake.http.instead.push(
      ...[1, 2].map(() => ({ status: 400, body: { __type: 'LimitExceededException', Message: 'slow down' } })),
    );
    await expect(read(costs, 3)).rejects.toMatchObject({ fault: 'rate_limited' });
    expect(fake.http.asked).toHaveLength(7);
  });

  it('Cost Explorer: says which permission is missing', async () => {
    const { fake, costs } = await scene();
    fake.http.instead.push({ status: 400, body: { __type: 'AccessDeniedException', Message: 'not authorized' } });
    await expect(read(costs)).rejects.toThrow(/not authorized.*ce:GetCostAndUsage/);
    const { costs: stranger } = await scene(fixedAwsCredentials({ accessKeyId: 'AKIDOTHER', secretAccessKey: 'x' }));
    await expect(read(stranger)).rejects.toMatchObject({ fault: 'unauthorized' });
  });

  it('takes new keys when those that it has have ended, once', async () => {
    let renewed = 0;
    const { fake, costs } = await scene({
      get: () => Promise.resolve(KEY),
      renew: () => Promise.resolve((renewed++, KEY)),
    });
    const ended = { status: 400, body: { __type: 'com.amazon.coral#ExpiredTokenException', message: 'expired' } };
    fake.http.instead.push(ended);
    expect((await read(costs)).records).toEqual([]);
    expect(renewed).toBe(1);
    fake.http.instead.push(ended, ended);
    await expect(read(costs)).rejects.toMatchObject({ fault: 'unauthorized' });
    expect(renewed).toBe(2);
  });

  it('Bedrock: added up by Insights, by hour, model and tag', async () => {
    const fake = opened(await FakeAws.start());
    fake.nowMs = () => NOW;
    const [usage] = bedrockDatasets({
      credentials: fixedAwsCredentials(KEY),
      account: 'acme',
      baseUrl: fake.http.url,
      region: 'eu-west-1',
      logGroup: '/bedrock/invocations',
      tags: ['team'],
    });
    fake.rows = [
      {
        'bin(1h)': '2026-11-22 09:00:00.000',
        modelId: 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-20250514-v1:0',
        region: 'eu-west-1',
        inferenceRegion: 'eu-north-1',
        'requestMetadata.team': 'search',
        requests: '3',
        input_tokens: '4500',
        cache_read: '100.0',
        output_tokens: '1500',
      },
    ];
    expect((await read(usage)).records.map(({ record }) => record)).toMatchObject([
      {
        timestamp: '2026-11-22T09:00:00.000Z',
        provider: 'aws.bedrock',
        model_name: 'anthropic.claude-sonnet-4-20250514-v1:0',
        deployment: expect.stringContaining('inference-profile/eu.'),
        region: 'eu-north-1',
        requests: 3,
        input_tokens: 4600,
        cached_input_tokens: 100,
        output_tokens: 1500,
        tags: { team: 'search' },
      },
    ]);
    const [start] = fake.http.asked.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(start).toMatchObject({
      logGroupName: '/bedrock/invocations',
      endTime: Date.UTC(2026, 10, 22, 11) / 1000 - 1,
    });
    expect(start!['queryString']).toContain(
      'by bin(1h), modelId, region, inferenceRegion, accountId, requestMetadata.team',
    );
    expect(fake.http.asked).toHaveLength(3);
  });
});

describe('Azure', () => {
  async function scene() {
    const fake = opened(await FakeAzure.start());
    const principal = {
      tenantId: 't',
      clientId: 'c',
      clientSecret: () => 'secret~of.the-test',
      loginUrl: fake.http.url,
    };
    const common = { principal, account: 'acme', baseUrl: fake.http.url };
    const [costs] = azureCostDatasets({ ...common, scope: '/subscriptions/0' });
    const [usage] = azureOpenAiDatasets({ ...common, resourceId: '/subscriptions/0/x', deployments: {} });
    return { fake, costs, usage };
  }

  it('reads all pages with one token, a new one when that has ended', async () => {
    const { fake, costs, usage } = await scene();
    fake.pages = [[['EUR', 20261121, 'Virtual Machines', 161.28]], [['EUR', 20261122, 'Storage', 0.1]]];
    const found = await read(costs);
    expect(sumOf(found)).toBe('161.38');
    expect(found.records[0]!.record).toMatchObject({ date: '2026-11-21', currency: 'EUR', estimated: true });
    expect(fake.http.asked).toHaveLength(3);
    fake.endTokens();
    await read(usage);
    await read(costs);
    // its own token and the metrics; a refused page, a new token, two pages
    expect(fake.http.asked).toHaveLength(3 + 2 + 4);
  });

  it('obeys the headers of its rate limit, and no link that leads elsewhere', async () => {
    const { fake, costs } = await scene();
    await read(costs);
    const limited = { 'x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after': '9', 'retry-after': '2' };
    fake.http.instead.push({ status: 429, headers: limited, body: { error: { code: '429' } } });
    await read(costs);
    expect(waits).toEqual([9_500]);
    const away = { properties: { nextLink: 'https://evil.example/', columns: [], rows: [] } };
    fake.http.instead.push({ body: away });
    await expect(read(costs)).rejects.toThrow('a next page at another address');
  });

  it('says what is wrong with its secret, without the secret', async () => {
    const { fake, costs } = await scene();
    fake.clientSecret = 'another';
    const error: Error = await read(costs).then(
      () => new Error('read'),
      (refused: Error) => refused,
    );
    expect(error.message).toContain('AADSTS7000215: Invalid client secret provided.');
    expect(error.message).toContain('Certificates & secrets');
    expect(error.message).not.toContain('secret~of.the-test');
  });
});
