import { Injectable } from '@nestjs/common';
import { CreateAlertRuleBody, CreateMaintenanceWindowBody, CreateNotificationChannelBody } from '@flotilla/contracts';
import { Db, systemActor } from '@flotilla/persistence';
import { AlertRulesService } from '../alert-rules/index.js';
import { EnforcementPoliciesService } from '../enforcement-policies/index.js';
import { MaintenanceWindowsService } from '../maintenance-windows/index.js';
import { NotificationChannelsService } from '../notification-channels/index.js';
import type { RequestActor } from '../platform/index.js';
import { writePastStops } from './demo-stops.js';
import type { DemoFleet } from './demo.types.js';

const DAY_MS = 86_400_000;

/** What somebody would have set up for the simulated fleet: rules, policies, a window, a channel, and what they did. */
@Injectable()
export class DemoDecisions {
  constructor(
    private readonly db: Db,
    private readonly rules: AlertRulesService,
    private readonly policies: EnforcementPoliciesService,
    private readonly windows: MaintenanceWindowsService,
    private readonly channels: NotificationChannelsService,
  ) {}

  /** Once for a tenant: what somebody changed or deleted of it afterwards stays so. */
  async write(fleet: DemoFleet, nowMs: number): Promise<void> {
    const actor = actorOf(fleet.tenantId);
    // a deleted policy keeps its row
    const made = await this.db.read(actor, (tx) =>
      tx.row<{ made: boolean }>(
        `SELECT EXISTS (SELECT FROM flotilla.enforcement_policies p WHERE p.tenant_id = $1 AND p.created_by = 'demo') AS made`,
        [fleet.tenantId],
      ),
    );
    if (made?.made) return;
    for (const rule of RULES) await this.rules.create(actor, CreateAlertRuleBody.parse(rule));
    for (const window of windowsFrom(nowMs)) {
      await this.windows.create(actor, CreateMaintenanceWindowBody.parse(window));
    }
    await this.channels.create(actor, CreateNotificationChannelBody.parse(CHANNEL));
    for (const [template, body] of POLICIES) await this.policies.fromTemplate(actor, template, body);
    const nights = await this.policies.fromTemplate(actor, 'night-stop', {
      policy_name: 'Nights and weekends off (simulated)',
      scope: 'tagged',
      scope_filter: { tag_key: 'environment', tag_value: 'development' },
    });
    await this.db.write(actor, async (tx) => {
      await writePastStops(tx, fleet, nights);
      await tx.record('demo.decisions_made', null, { simulated: true });
    });
  }
}

function actorOf(tenantId: string): RequestActor {
  return {
    ...systemActor(tenantId, 'demo'),
    role: 'owner',
    scopes: [],
    userId: null,
    apiKeyId: null,
    agentId: null,
    platformOperator: false,
    sessionId: null,
    rateLimitPerMinute: 0,
  };
}

const RULES = [
  {
    rule_name: 'Hot GPU (simulated)',
    description: 'A GPU above 82 °C for five minutes slows itself down soon',
    metric: 'temperature',
    operator: 'gt',
    threshold: 82,
    recovery_threshold: 78,
    duration_minutes: 5,
    severity: 'high',
    across_gpus: 'any',
  },
  {
    rule_name: 'Held but idle for half an hour (simulated)',
    description: 'All GPUs of a machine below 5 %: somebody pays for nothing',
    metric: 'gpu_utilization',
    operator: 'lt',
    threshold: 5,
    duration_minutes: 30,
    across_gpus: 'all',
    severity: 'medium',
    cooldown_minutes: 240,
  },
  {
    rule_name: 'GPU memory nearly full (simulated)',
    description: 'The next allocation may fail',
    metric: 'memory_utilization',
    operator: 'gt',
    threshold: 97,
    duration_minutes: 10,
    severity: 'low',
  },
];

const CHANNEL = {
  name: 'Operators (simulated)',
  channel_type: 'slack',
  // switched off: the demo calls nobody
  enabled: false,
  config: { webhook_url: 'https://hooks.slack.com/services/T0000/B0000/simulated' },
  min_priority: 'medium',
};

/** A window that comes again each Saturday, and one that was yesterday. */
function windowsFrom(nowMs: number) {
  const midnight = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const weekday = new Date(midnight).getUTCDay();
  const saturday = midnight + ((6 - weekday + 7) % 7) * DAY_MS;
  const at = (ms: number) => new Date(ms).toISOString();
  return [
    {
      name: 'Driver updates, research machines (simulated)',
      start_time: at(saturday + 6 * 3_600_000),
      end_time: at(saturday + 10 * 3_600_000),
      recurrence: 'FREQ=WEEKLY;BYDAY=SA',
      timezone: 'UTC',
      scope: { tags: { environment: 'research' } },
    },
    {
      name: 'Network switch, Frankfurt (simulated)',
      start_time: at(midnight + 2 * DAY_MS + 20 * 3_600_000),
      end_time: at(midnight + 2 * DAY_MS + 22 * 3_600_000),
      timezone: 'Europe/Berlin',
      suppress_enforcement: true,
      scope: { tags: { team: 'foundation-models' } },
    },
  ];
}

/** Those that could stop something ask first: the fleet stays as it is until somebody decides. */
const POLICIES = [
  ['idle-stop', { policy_name: 'Idle stop (simulated)', execution_mode: 'approval_required' }],
  ['expensive-idle', { policy_name: 'Expensive and idle (simulated)' }],
  ['budget-guard', { policy_name: 'Budget guard (simulated)' }],
  ['hot-gpu', { policy_name: 'Hot GPU (simulated)', execution_mode: 'notify_only' }],
  ['forgotten-notebook', { policy_name: 'Forgotten notebook (simulated)', enabled: false }],
] as const;
