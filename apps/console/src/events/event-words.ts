import type { Schemas } from '../data/api';

type Event = Schemas['Event'];

const SCREENS: Readonly<Record<string, string>> = {
  instance: '/instances/',
  action: '/actions/',
  policy: '/policies/',
  enforcement_policy: '/policies/',
  webhook: '/webhooks/',
};

/** Where what an event is about is looked at; null: nowhere. */
export function subjectPath({ type, id }: Event['subject']): string | null {
  const screen = SCREENS[type];
  if (screen !== undefined) return `${screen}${encodeURIComponent(id)}`;
  return type === 'alert' ? `/alerts?open=${encodeURIComponent(id)}` : null;
}

/** What an event says of itself in a few words: its title, message or name, else what it is about. */
export function eventWords({ data, subject }: Event): string {
  for (const field of ['title', 'message', 'name', 'hostname', 'reason', 'url']) {
    const value = data[field];
    if (typeof value === 'string' && value !== '') return value;
  }
  return `${subject.type.replaceAll('_', ' ')} ${subject.id}`;
}
