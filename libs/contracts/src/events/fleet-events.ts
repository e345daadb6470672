import { z } from 'zod';
import { id, instance, kind, orNull, text } from './parts.js';

const action = {
  action_id: text('The action', 'act_7hk2m9'),
  type: text('What is to be done', 'stop'),
  ...instance,
  status: text('Where it stands now', 'succeeded'),
  requested_by: text('Who asked for it', 'ada@example.com'),
  actor: text('Who or what made this happen', 'ada@example.com'),
  reason: orNull(text('Why it was asked for', 'idle since Friday')),
  message: orNull(text('What came of it', 'stopped in 41 s')),
};
const ofAction = (sentence: string) => kind('action', sentence, z.object(action));

const state = z.object({
  ...instance,
  cloud_provider: text('Whose instance it is', 'aws'),
  name: orNull(text('What people call it', 'trainer-7')),
  from: orNull(text('The state before', 'running')),
  to: text('The state now', 'stopped'),
});

const agent = z.object({
  agent_id: text('The agent', '0199f1a2-7c3e-7a51-9d0b-6c1f2e3d4a5b'),
  hostname: text('Its host', 'gpu-7'),
  last_seen_at: orNull(text('When it was last heard', '2026-11-22T10:15:30.000Z')),
});

const gpu = z.object({
  ...instance,
  uuid: text('The GPU', 'GPU-5f8c2c1e-0b6b-4d4e-9d0c-1b2a3c4d5e6f'),
  gpu_index: orNull(z.int().meta({ description: 'Its number on the host', examples: [0] })),
  health: text('healthy, degraded, unhealthy or unknown', 'unhealthy'),
  before: text('The health before', 'healthy'),
  reason: orNull(text('Why', 'Xid 79: the GPU has fallen off the bus')),
});

export const FLEET_EVENTS = {
  'action.requested': ofAction('Somebody or a policy asked for an action; it waits for approval or is queued.'),
  'action.approved': ofAction('An action was approved and is queued.'),
  'action.rejected': ofAction('An action was not approved.'),
  'action.cancelled': ofAction('An action was taken back before it was done.'),
  'action.dispatched': ofAction('An action was given to the one that does it.'),
  'action.running': ofAction('An action has begun.'),
  'action.succeeded': ofAction('An action was done and verified.'),
  'action.failed': ofAction('An action was tried and failed.'),
  'action.refused': ofAction('An action was not done: what had to hold did not hold.'),
  'action.expired': ofAction('An action was not done before its deadline.'),
  'action.unknown': ofAction('Nobody knows yet whether an action was done.'),
  'action.queued': ofAction('An action waits for the one that does it.'),
  'instance.started': kind('instance', 'An instance runs that did not run before.', state),
  'instance.stopped': kind('instance', 'An instance was stopped.', state),
  'instance.terminated': kind('instance', 'An instance is gone for good.', state),
  'instance.state_changed': kind(
    'instance',
    'An instance went to another state than running, stopped or terminated.',
    state,
  ),
  'agent.connected': kind('agent', 'An agent is connected after it was not.', agent),
  'agent.silent': kind('agent', 'Nothing was heard of an agent for longer than its lease.', agent),
  'agent.enrolled': kind('agent', 'A host joined with an agent of its own.', agent),
  'agent.revoked': kind('agent', 'An agent may not connect any more.', agent),
  'gpu.unhealthy': kind('gpu', 'A GPU is not to be trusted with work.', gpu),
  'gpu.degraded': kind('gpu', 'A GPU works with faults.', gpu),
  'gpu.healthy': kind('gpu', 'A GPU is well again.', gpu),
  'gpu.missing': kind('gpu', 'A GPU that was there is not found any more.', gpu),
  'maintenance.started': kind(
    'maintenance_window',
    'A maintenance window opened.',
    z.object({
      window_id: id('The window'),
      name: text('What people call it', 'Saturday deploys'),
      starts_at: text('When it opened', '2026-03-28T02:00:00.000Z'),
      ends_at: text('When it closes', '2026-03-28T04:00:00.000Z'),
      suppress_alerts: z.boolean().meta({ examples: [true] }),
      suppress_enforcement: z.boolean().meta({ examples: [true] }),
    }),
  ),
  'maintenance.ended': kind(
    'maintenance_window',
    'A maintenance window closed, was deleted or was changed while it was open.',
    z.object({
      window_id: id('The window'),
      name: text('What people call it', 'Saturday deploys'),
      starts_at: text('When it opened', '2026-03-28T02:00:00.000Z'),
      ends_at: text('When it closed', '2026-03-28T04:00:00.000Z'),
      suppress_alerts: z.boolean().meta({ examples: [true] }),
      suppress_enforcement: z.boolean().meta({ examples: [true] }),
    }),
  ),
} as const;
