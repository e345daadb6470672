import type { Severity } from '@flotilla/domain';
import type { Notice } from '../notification-channels/index.js';
import type { Telling } from './alert-teller.js';

/** Subjects that a notification of many names; the rest are counted. */
const MOST_NAMED = 20;
const GRAVEST: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** What channels are told of one alert. */
export function noticeOf(tenantId: string, { row, effect, at, by }: Telling, dedupKey: string): Notice {
  const told = { ...row, title: titleOf(row.title, effect.kind, by) };
  return {
    ...base(tenantId, { row, effect, at, by }, dedupKey),
    alertId: row.id,
    severity: row.severity,
    title: told.title,
    text: row.message,
    link: `/alerts/${row.id}`,
    fields: [
      ['Subject', row.subject_label],
      ['Severity', row.severity],
      ...(row.rule_name === null ? [] : [['Rule', row.rule_name] as const]),
      ['Since', row.first_fired_at.toISOString()],
      ...Object.entries(row.evidence)
        .filter(([, value]) => typeof value === 'number' || typeof value === 'string')
        .slice(0, 10)
        .map(([name, value]) => [name.replaceAll('_', ' '), String(value)] as const),
    ],
  };
}

/** What channels are told of several alerts of one rule at once. */
export function groupNotice(tenantId: string, members: readonly Telling[], dedupKey: string): Notice {
  const first = members[0]!;
  const labels = members.map(({ row }) => row.subject_label);
  const severity = GRAVEST.find((one) => members.some(({ row }) => row.severity === one))!;
  const more = labels.length > MOST_NAMED ? ` and ${labels.length - MOST_NAMED} more` : '';
  const lines = members.slice(0, MOST_NAMED).map(({ row }) => row.message);
  const name = first.row.rule_name ?? first.row.alert_type.replaceAll('_', ' ');
  return {
    ...base(tenantId, first, dedupKey),
    alertId: first.row.id,
    severity,
    title: titleOf(`${name}: ${members.length} alerts`, first.effect.kind, first.by),
    text: [...lines, ...(more ? [`…${more}`] : [])].join('\n'),
    fields: [
      ['Subjects', `${labels.slice(0, MOST_NAMED).join(', ')}${more}`],
      ['Severity', severity],
    ],
    link: first.row.rule_id === null ? '/alerts' : `/alerts?rule_id=${first.row.rule_id}`,
    simulated: members.every(({ row }) => row.simulated),
  };
}

const base = (tenantId: string, { row, effect, at }: Telling, dedupKey: string) => ({
  tenantId,
  kind: effect.kind,
  alertType: row.alert_type,
  ruleName: row.rule_name,
  dedupKey,
  channelIds: effect.kind === 'escalate' ? [...effect.channelIds] : (row.channel_ids?.map(Number) ?? null),
  at,
  simulated: row.simulated,
});

function titleOf(title: string, kind: Notice['kind'], by: string | null): string {
  const who = by === null ? '' : ` by ${by}`;
  if (kind === 'resolve') return `Resolved${who}: ${title}`;
  if (kind === 'acknowledge') return `Acknowledged${who}: ${title}`;
  return kind === 'escalate' ? `Nobody acknowledged: ${title}` : title;
}
