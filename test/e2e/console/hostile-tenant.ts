import { systemActor } from '@flotilla/persistence';
import { AlertDesk } from '../../../apps/control-plane/src/alerts/index.js';
import { AuditJob } from '../../../apps/control-plane/src/audit/audit.job.js';
import { EventsJob } from '../../../apps/control-plane/src/events/index.js';
import { PolicyStage } from '../../support/policy-stage.js';
import { HOSTILE } from './support.js';
import type { ConsoleStage } from './support.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A name of this many UTF-16 code units, 10 kB unless the field takes less. */
export const hostile = (most = 10_000) => HOSTILE.padEnd(most, 'x').slice(0, most);

/**
 * One of everything that the console shows, each under a hostile name: as long as the field takes where people name it, 10 kB
 * where machines, bills and model calls do.
 */
export async function makeHostileTenant(stage: ConsoleStage): Promise<void> {
  const { app, token } = stage;
  const call = async (method: string, path: string, body: object, as = token) => {
    const answer = await app.call(method, `/api${path}`, { as, body });
    if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.data as { id: number };
  };
  const post = (path: string, body: object, as = token) => call('POST', path, body, as);
  const fleet = await PolicyStage.set(app, app.tenantId);
  const machine = await fleet.machine(undefined, { tags: { team: hostile(256), project: 'p', '<b>key</b>': 'v' } });
  await fleet.sql(
    `INSERT INTO flotilla.instance_facts (tenant_id, instance_id, fact, source, value)
     SELECT $1, $2, unnest('{region,instance_type,gpu_type}'::text[]), 'cloud', to_jsonb($3::text)`,
    [app.tenantId, machine, hostile(128)],
  );
  const facts = { name: hostile(256), tags: { team: hostile(256), '<b>key</b>': 'v' }, local_disks: 'none' };
  await call('PATCH', `/instances/${machine}`, facts);
  await fleet.sql(`UPDATE flotilla.agents SET hostname = $2, version = $3 WHERE tenant_id = $1`, [
    app.tenantId,
    hostile(255),
    hostile(60),
  ]);
  await fleet.sql(
    `UPDATE flotilla.devices SET model = $2, health = 'unhealthy', health_since = now(), health_reason = $2,
      health_evidence = $2, advised_action = 'rma' WHERE instance_id = $1`,
    [machine, hostile(128)],
  );
  await bill(stage);
  const usage = { provider: 'openai', timestamp: new Date(Date.now() - HOUR_MS).toISOString(), requests: 9 };
  await post(
    '/sync',
    {
      ai_spend: [
        {
          ...usage,
          model_name: hostile(200),
          team_id: hostile(200),
          project_id: hostile(200),
          cost: '2',
          currency: 'USD',
          input_tokens: 9_000,
          output_tokens: 100,
          workload_id: hostile(200),
          run_id: hostile(200),
        },
      ],
    },
    await app.apiKey(['agent']),
  );
  await post('/ai-workloads', { name: hostile(200), external_id: hostile(200), description: hostile(500) });
  await post('/cost-allocation-rules', {
    name: hostile(200),
    method: 'weighted',
    key: 'team',
    service: hostile(200),
    targets: [{ value: hostile(200), weight: 1 }],
  });
  await post('/budgets', { name: hostile(200), amount: 100, scope: 'tag', scope_value: `team=${hostile(190)}` });
  const channel = await post('/notification-channels', {
    name: hostile(200),
    channel_type: 'webhook',
    config: { url: 'https://receiver.example.com/hook' },
  });
  await post('/webhooks', { url: `https://receiver.example.com/${'x'.repeat(1_900)}`, description: hostile(500) });
  await post('/alert-rules', {
    rule_name: hostile(200),
    description: hostile(500),
    metric: 'temperature',
    operator: 'gt',
    threshold: 85,
    scope: 'tagged',
    scope_filter: { tag_key: 'team', tag_value: hostile(200) },
    notification_channel_ids: [channel.id],
  });
  await post('/maintenance-windows', {
    name: hostile(200),
    scope: { tags: { team: hostile(200) } },
    suppress_enforcement: false,
    start_time: new Date(Date.now() - HOUR_MS).toISOString(),
    end_time: new Date(Date.now() + HOUR_MS).toISOString(),
  });
  await post('/users', { email: 'vera@example.com', name: hostile(200), role: 'viewer' });
  await post('/api-keys', { name: hostile(200), scopes: ['read'] });
  await post('/agents/enrollment-tokens', { name: hostile(200) });
  await fleet.make({
    policy_name: hostile(200),
    description: hostile(500),
    execution_mode: 'approval_required',
    scope: 'tagged',
    scope_filter: { tag_key: 'team', tag_value: hostile(256) },
    actions: [{ type: 'stop_instances' }, { type: 'tag_instances', tags: { '<b>': hostile(250) } }],
  });
  await fleet.decide();
  // after the policy has asked: whose process is there keeps a machine from being stopped
  const process = {
    device: 'GPU-gpu-0',
    pid: 7,
    name: hostile(512),
    type: 'C',
    used_memory_mib: 5,
    user: hostile(128),
  };
  await fleet.sql(
    `INSERT INTO flotilla.gpu_processes (tenant_id, instance_id, at, processes) VALUES ($1, $2, now(), $3)`,
    [app.tenantId, machine, JSON.stringify([process])],
  );
  await raiseAlert(stage, machine);
  await app.db.write(systemActor(app.tenantId, hostile(200)), (tx) =>
    tx.record('spec.ran', { type: 'spec', id: hostile(100) }, { label: hostile() }),
  );
  await fleet.sql(`UPDATE flotilla.tenants SET name = $2 WHERE tenant_id = $1`, [app.tenantId, hostile(200)]);
  await app.app.get(AuditJob, { strict: false }).seal();
  await app.app.get(EventsJob, { strict: false }).seal();
}

/** Two months of charges whose service, resource and tags are hostile. */
async function bill({ app, token }: ConsoleStage): Promise<void> {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = [1, 40].map((ago) => {
    const day = new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);
    const tags = JSON.stringify({ team: hostile(200), owner: hostile(200) });
    return [
      ...['20', 'USD', `${day} 00:00:00`, `${day} 01:00:00`, 'Usage', quoted(hostile(200)), quoted(hostile(200))],
      ...[quoted(hostile(500)), quoted(tags)],
    ].join(',');
  });
  const header =
    'BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName,ServiceName,ResourceId,Tags';
  const answer = await fetch(`${app.url}/api/costs/import?file_name=${encodeURIComponent(hostile(200))}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
    body: [header, ...lines].join('\n'),
  });
  const told = (await answer.json()) as { data?: { accepted: number } };
  if (told.data?.accepted !== lines.length) throw new Error(`the bill: ${answer.status} ${JSON.stringify(told)}`);
}

function raiseAlert({ app }: ConsoleStage, instanceId: number) {
  return app.db.write(systemActor(app.tenantId, 'test'), (tx) =>
    app.app.get(AlertDesk, { strict: false }).raise(tx, {
      tenantId: app.tenantId,
      alertType: 'metric_threshold',
      source: 'rule',
      ruleId: null,
      ruleName: hostile(200),
      builtIn: null,
      subject: { type: 'instance', id: 'one', label: hostile(256), instanceId },
      severity: 'high',
      title: hostile(300),
      message: hostile(2_000),
      evidence: {
        metric: 'temperature',
        operator: 'gt',
        threshold: 85,
        value: 93,
        unit: 'celsius',
        gpus: [{ gpu_index: 0, gpu_uuid: hostile(200), value: 93 }],
      },
      at: new Date(),
      channelIds: [],
      simulated: false,
    }),
  );
}
