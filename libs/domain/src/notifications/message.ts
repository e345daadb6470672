import { fillTemplate } from './template.js';
import type { Template } from './template.js';

/** From the least to the most urgent. */
export const NOTICE_SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type NoticeSeverity = (typeof NOTICE_SEVERITIES)[number];

export type MessageKind = 'trigger' | 'acknowledge' | 'resolve' | 'escalate' | 'message' | 'digest' | 'test';

/** What one channel is to be told, before any protocol. */
export interface Telling {
  readonly kind: MessageKind;
  readonly alertId: number | null;
  readonly alertType: string;
  readonly ruleName: string | null;
  readonly severity: NoticeSeverity;
  readonly title: string;
  readonly text: string;
  readonly fields: readonly (readonly [label: string, value: string])[];
  /** Whole address; null where the installation does not know its own. */
  readonly url: string | null;
  /** ISO 8601. */
  readonly at: string;
  readonly simulated: boolean;
}

/** The same with its words chosen. */
export interface Message extends Telling {
  /** Stable over all attempts. */
  readonly id: string;
  /** One per alert, the same from trigger to resolve, and no other tenant's. */
  readonly dedupKey: string;
}

const WORDS: Readonly<Record<MessageKind, string>> = {
  trigger: '',
  acknowledge: 'Acknowledged: ',
  resolve: 'Resolved: ',
  escalate: 'Not acknowledged yet: ',
  message: '',
  digest: '',
  test: '',
};
const SIMULATED_TITLE = '[SIMULATED] ';
const SIMULATED_TEXT = 'This is simulated data: no real machine is meant.';
const MOST_FIELDS = 20;

/**
 * Chooses the words of a message: the template's where there is one. What kind of news it is and that its data are
 * simulated stands in front of any words, so that no template can leave it out. Lengths are cut to what every receiver
 * takes; a title is one line.
 */
export function wordedBy<Told extends Telling>(template: Template | null, told: Told): Told {
  const title = oneLine(template?.title === undefined ? told.title : fillTemplate(template.title, told));
  const text = template?.text === undefined ? told.text : fillTemplate(template.text, told);
  const word = title.startsWith(WORDS[told.kind]) ? '' : WORDS[told.kind];
  return {
    ...told,
    title: cut(`${told.simulated ? SIMULATED_TITLE : ''}${word}${title}`, 250),
    text: cut([printable(text), ...(told.simulated ? [SIMULATED_TEXT] : [])].filter(Boolean).join('\n\n'), 2_800),
    fields: told.fields
      .slice(0, MOST_FIELDS)
      .map(([label, value]) => [cut(oneLine(label), 100), cut(oneLine(value), 300)] as const),
  };
}

/** Cut by characters as people count them, never through the middle of one. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = [...text.slice(0, most)];
  if (/[\uD800-\uDBFF]$/.test(kept.at(-1) ?? '')) kept.pop();
  kept.pop();
  return `${kept.join('')}…`;
}

/** Marks by which a name in a sentence would turn round the text after it. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** Line breaks and other controls become one blank: for titles, subjects and headers. Nothing in it turns text round. */
export const oneLine = (text: string) =>
  text
    .replace(TURNING, '')
    .replace(/[\p{Cc}\u2028\u2029\s]+/gu, ' ')
    .trim();

/**
 * Without controls other than line breaks and tabs, which some receivers refuse the whole message for, and without marks that
 * turn text round.
 */
export const printable = (text: string) =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .replace(TURNING, '');
