import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';

let app: TestApp;
let key: string;
const NOW_S = Math.floor(Date.now() / 60_000) * 60 - 120;
const at = (second: number) => new Date((NOW_S + second) * 1000).toISOString();
const instance = (id: string) => ({ instance_id: id, cloud_provider: 'on_prem', state: 'running' });
const sync = (body: unknown) => app.call('POST', '/api/sync', { as: key, body });

beforeAll(async () => {
  app = await startTestApp();
  key = await app.apiKey(['agent']);
});
afterAll(() => app.close());

describe('alerts at POST /sync', () => {
  it('makes one alert of what is told of the same thing, and keeps bad ones from the good', async () => {
    const alert = (minutesAgo: number, more: Record<string, unknown> = {}) => ({
      alert_type: 'raid_degraded',
      message: '/dev/md0 lost a member',
      timestamp: at(minutesAgo),
      dedup_key: 'md0',
      ...more,
    });
    const body = {
      instances: [instance('i-raid')],
      alerts: [
        alert(3, { instance_id: 'i-raid', severity: 'high' }),
        { alert_type: 'Raid!', message: 'x', timestamp: at(1) },
        { alert_type: 'raid_degraded', timestamp: at(1) },
        alert(2, { instance_id: 'i-raid', severity: 'high' }),
        alert(1, { instance_id: 'i-nobody' }),
        alert(1, { dedup_key: 'md1' }),
        alert(1, { timestamp: new Date(Date.now() + 3_600_000).toISOString() }),
      ],
    };
    const first = (await sync(body)).body.data.alerts;
    expect(first).toMatchObject({ accepted: 3, duplicates: 0 });
    expect(first.rejected.map((one: { index: number }) => one.index)).toEqual([1, 2, 4, 6]);
    expect(first.rejected[1].error).toBe('message is required');
    expect((await sync(body)).body.data.alerts).toMatchObject({ accepted: 0, duplicates: 3 });
    const { body: listed } = await app.call('GET', '/api/alerts?alert_type=raid_degraded', {
      as: await app.login('viewer'),
    });
    expect(
      listed.data.map((one: { occurrences: number; subject: { type: string }; severity: string }) => [
        one.subject.type,
        one.occurrences,
        one.severity,
      ]),
    ).toEqual([
      ['instance', 2, 'high'],
      ['agent', 1, 'medium'],
    ]);
  });
});
