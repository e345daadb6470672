import type { Telling } from './message.js';

/** Words for messages with `{{names}}` in them; what is left out stays as it is. */
export interface Template {
  readonly title?: string | undefined;
  readonly text?: string | undefined;
}

const VALUES: Readonly<Record<string, (told: Telling) => string>> = {
  title: (told) => told.title,
  text: (told) => told.text,
  kind: (told) => told.kind,
  severity: (told) => told.severity,
  alert_type: (told) => told.alertType,
  alert_id: (told) => (told.alertId === null ? '' : String(told.alertId)),
  rule: (told) => told.ruleName ?? told.alertType,
  fields: (told) => told.fields.map(([label, value]) => `${label}: ${value}`).join('\n'),
  link: (told) => told.url ?? '',
  time: (told) => told.at,
};

/** The names that a template may use. */
export const TEMPLATE_NAMES: readonly string[] = Object.keys(VALUES);

const NAME = /\{\{\s*([a-z_]+)\s*\}\}/g;

/**
 * What is wrong with a template, as what was expected; null when nothing is. Braces that are no known name are refused
 * when the template is saved: better than a message that reads `{{titel}}` at night.
 */
export function templateIssue(text: string): string | null {
  for (const [, name] of text.matchAll(NAME)) {
    if (!Object.hasOwn(VALUES, name!)) return `one of the names ${TEMPLATE_NAMES.join(', ')}, and not ${name}`;
  }
  return /\{\{|\}\}/.test(text.replace(NAME, '')) ? `names written as {{title}}` : null;
}

/** Puts the values in. A value is never looked at again: braces that come with data stay text. */
export function fillTemplate(text: string, told: Telling): string {
  return text.replace(NAME, (whole, name: string) => (Object.hasOwn(VALUES, name) ? VALUES[name]!(told) : whole));
}
