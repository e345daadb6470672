import type { NotificationPolicy } from '@flotilla/contracts';

export type PolicyRow = NotificationPolicy;

/** Of a tenant that has chosen nothing. */
export const DEFAULT_POLICY: PolicyRow = {
  min_priority: 'low',
  quiet_hours: null,
  critical_passes_quiet_hours: true,
  digest_mode: 'instant',
  digest_interval_minutes: 30,
  template: null,
  email_domains: null,
  notification_trigger_mode: 'waste_only',
};

export const POLICY_COLUMNS = `p.min_priority, p.quiet_hours, p.critical_passes AS critical_passes_quiet_hours, p.digest_mode,
  p.digest_interval_minutes, p.template, p.email_domains, p.notification_trigger_mode`;
