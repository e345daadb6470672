import type { Channel, ChannelType } from './kinds';
import { kindOf } from './kinds';

/** A channel while somebody writes it. */
export interface Draft {
  readonly channel_type: ChannelType;
  readonly name: string;
  readonly enabled: boolean;
  /** Of the kind, as it is written in the form: several values are lines. */
  readonly config: Readonly<Record<string, string>>;
  readonly alert_types: readonly string[];
  readonly min_priority: Channel['min_priority'];
  readonly digest_mode: Channel['digest_mode'];
  readonly digest_interval_minutes: number | null;
  readonly template: Channel['template'];
  readonly rate_per_minute: number;
}

export function newDraft(type: ChannelType): Draft {
  const config = Object.fromEntries(
    kindOf(type).fields.flatMap(({ name, known }) => (known ? [[name, known[0]!]] : [])),
  );
  return {
    channel_type: type,
    name: '',
    enabled: true,
    config,
    alert_types: [],
    min_priority: 'low',
    digest_mode: null,
    digest_interval_minutes: null,
    template: null,
    rate_per_minute: 60,
  };
}

export function draftOf(channel: Channel): Draft {
  const { channel_type, name, enabled, alert_types, min_priority, digest_mode, digest_interval_minutes } = channel;
  const config = Object.fromEntries(
    Object.entries(channel.config).map(([field, value]) => [
      field,
      Array.isArray(value) ? value.join('\n') : typeof value === 'string' ? value : '',
    ]),
  );
  return {
    channel_type,
    name,
    enabled,
    config,
    alert_types,
    min_priority,
    digest_mode,
    digest_interval_minutes,
    template: channel.template,
    rate_per_minute: channel.rate_per_minute,
  };
}

/** What the API takes as the settings of the kind: empty optional fields are left out, lines become a list. */
export function configOf({ channel_type: type, config }: Draft): Record<string, unknown> {
  const entries = kindOf(type).fields.flatMap(({ name, several, optional }) => {
    const text = (config[name] ?? '').trim();
    if (several) {
      return [
        [
          name,
          text
            .split(/[\s,;]+/)
            .map((one) => one.trim())
            .filter(Boolean),
        ],
      ];
    }
    return text === '' && optional ? [] : [[name, text]];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** The body that makes it. */
export function createBody(draft: Draft) {
  return { ...draft, alert_types: [...draft.alert_types], template: templateOf(draft), config: configOf(draft) };
}

/** The body that changes it: only what changed; a secret that stays masked is sent back as it came, which keeps it. */
export function changeBody(draft: Draft, before: Draft) {
  const { channel_type: _, ...whole } = createBody(draft);
  const { channel_type: __, ...was } = createBody(before);
  const changed = Object.entries(whole).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name as keyof typeof was]),
  );
  return Object.fromEntries(changed) as Partial<typeof whole>;
}

function templateOf({ template }: Draft): Draft['template'] {
  const title = template?.title?.trim();
  const text = template?.text?.trim();
  return title || text ? { ...(title && { title }), ...(text && { text }) } : null;
}

/** What is missing, in words. */
export function problemOf(draft: Draft): string | undefined {
  if (draft.name.trim() === '') return 'It needs a name.';
  const missing = kindOf(draft.channel_type).fields.find(
    ({ name, optional }) => !optional && (draft.config[name] ?? '').trim() === '',
  );
  return missing && `${missing.label} is missing.`;
}
