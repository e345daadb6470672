import { NOTICE_SEVERITIES } from './message.js';
import type { MessageKind, NoticeSeverity } from './message.js';

/** One notice that a digest tells. */
export interface DigestPart {
  readonly kind: MessageKind;
  readonly severity: NoticeSeverity;
  /** null: the alert's type stands for it. */
  readonly ruleName: string | null;
  readonly alertType: string;
  readonly dedupKey: string;
  readonly title: string;
  readonly simulated: boolean;
}

export interface Digest {
  readonly title: string;
  readonly text: string;
  readonly fields: readonly (readonly [label: string, value: string])[];
  /** The greatest of its parts. */
  readonly severity: NoticeSeverity;
  /** Every part is. Where only some are, their lines say so. */
  readonly simulated: boolean;
}

const MOST_GROUPS = 20;
const MOST_TITLES = 3;

/**
 * Tells many notices as one, grouped by severity and rule. Alerts are counted, not messages: what fired, was acknowledged
 * and resolved since the last digest counts once, with what became of it.
 *
 * @param parts in the order in which they happened; at least one
 */
export function digestOf(parts: readonly DigestPart[]): Digest {
  const alerts = new Map<string, { last: DigestPart; first: DigestPart; severity: NoticeSeverity }>();
  for (const part of parts) {
    const known = alerts.get(part.dedupKey);
    if (!known) alerts.set(part.dedupKey, { first: part, last: part, severity: part.severity });
    else alerts.set(part.dedupKey, { ...known, last: part, severity: greater(known.severity, part.severity) });
  }
  const groups = new Map<
    string,
    { severity: NoticeSeverity; rule: string; alerts: { first: DigestPart; last: DigestPart }[] }
  >();
  for (const { first, last, severity } of alerts.values()) {
    const rule = first.ruleName ?? first.alertType;
    const key = `${severity}\n${rule}`;
    const group = groups.get(key) ?? { severity, rule, alerts: [] };
    group.alerts.push({ first, last });
    groups.set(key, group);
  }
  const sorted = [...groups.values()].sort(
    (a, b) => rank(b.severity) - rank(a.severity) || b.alerts.length - a.alerts.length || (a.rule < b.rule ? -1 : 1),
  );
  const bySeverity = [...NOTICE_SEVERITIES].reverse().flatMap((severity) => {
    const count = [...alerts.values()].filter((alert) => alert.severity === severity).length;
    return count > 0 ? [`${count} ${severity}`] : [];
  });
  const simulated = parts.every((part) => part.simulated);
  const lines = sorted.slice(0, MOST_GROUPS).map((group) => {
    const titles = [...new Set(group.alerts.map(({ first }) => titleOf(first, simulated)))];
    const more = titles.length > MOST_TITLES ? ` and ${titles.length - MOST_TITLES} more` : '';
    return `${group.severity} · ${group.rule}: ${counted(group.alerts)}\n  ${titles.slice(0, MOST_TITLES).join('; ')}${more}`;
  });
  const left = sorted.slice(MOST_GROUPS).reduce((sum, group) => sum + group.alerts.length, 0);
  return {
    title: `${alerts.size} ${alerts.size === 1 ? 'alert' : 'alerts'}: ${bySeverity.join(', ')}`,
    text: [...lines, ...(left > 0 ? [`and ${left} more in ${sorted.length - MOST_GROUPS} further groups`] : [])].join(
      '\n',
    ),
    fields: sorted
      .slice(0, MOST_GROUPS)
      .map((group) => [`${group.severity} · ${group.rule}`, counted(group.alerts)] as const),
    severity: sorted[0]!.severity,
    simulated,
  };
}

function counted(alerts: readonly { readonly last: DigestPart }[]): string {
  const resolved = alerts.filter(({ last }) => last.kind === 'resolve').length;
  const acknowledged = alerts.filter(({ last }) => last.kind === 'acknowledge').length;
  const notes = [
    ...(resolved ? [`${resolved} resolved`] : []),
    ...(acknowledged ? [`${acknowledged} acknowledged`] : []),
  ];
  return `${alerts.length}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
}

const titleOf = (part: DigestPart, allSimulated: boolean) =>
  `${part.simulated && !allSimulated ? '[SIMULATED] ' : ''}${part.title}`;
const rank = (severity: NoticeSeverity) => NOTICE_SEVERITIES.indexOf(severity);
const greater = (a: NoticeSeverity, b: NoticeSeverity) => (rank(a) >= rank(b) ? a : b);
