export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What people are to be told, before it is known whom and how. */
export interface Notice {
  readonly tenantId: string;
  /**
   * trigger, escalate: something is wrong. acknowledge, resolve: news of what was told before; they go to every channel
   * that was told of the same dedupKey, whatever channelIds says. message: stands for itself.
   */
  readonly kind: 'trigger' | 'acknowledge' | 'resolve' | 'escalate' | 'message';
  readonly alertId: number | null;
  readonly alertType: string;
  /** What digests count under; the alert's type without it. */
  readonly ruleName?: string | null;
  readonly severity: Severity;
  /** One per alert, the same from its trigger to its resolve: receivers join what has the same key. */
  readonly dedupKey: string;
  readonly title: string;
  readonly text: string;
  readonly fields: readonly (readonly [label: string, value: string])[];
  /** Path within the console, from its `/` on. */
  readonly link: string | null;
  /** null: every enabled channel whose alert_types and min_priority (and the tenant's) fit. Named ones always get it. */
  readonly channelIds: readonly number[] | null;
  readonly at: Date;
  readonly simulated: boolean;
}
