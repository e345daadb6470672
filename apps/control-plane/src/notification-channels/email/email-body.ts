import type { Message } from '@flotilla/domain';

const COLOR = { low: '#6b7280', medium: '#2563eb', high: '#b45309', critical: '#b91c1c' } as const;

/** What mail programs without HTML show. */
export function emailText(message: Message): string {
  return [
    message.title,
    message.text,
    message.fields.map(([label, value]) => `${label}: ${value}`).join('\n'),
    message.url ?? '',
    footer(message),
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Tables and inline styles: all that every mail program understands. No image, no script, nothing fetched. */
export function emailHtml(message: Message): string {
  const rows = message.fields.map(
    ([label, value]) =>
      `<tr><td style="padding:2px 16px 2px 0;color:#6b7280;vertical-align:top">${html(label)}</td><td style="padding:2px 0">${html(value)}</td></tr>`,
  );
  return [
    '<!doctype html><html><body style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#111827">',
    `<div style="border-left:4px solid ${message.kind === 'resolve' ? '#15803d' : COLOR[message.severity]};padding-left:16px">`,
    `<h1 style="font-size:18px;margin:0 0 8px">${html(message.title)}</h1>`,
    message.text && `<p style="margin:0 0 12px;white-space:pre-line">${html(message.text)}</p>`,
    rows.length > 0 && `<table style="border-collapse:collapse;margin:0 0 12px">${rows.join('')}</table>`,
    message.url && `<p style="margin:0 0 12px"><a href="${html(message.url)}">Open in Flotilla</a></p>`,
    `<p style="margin:0;color:#6b7280;font-size:13px">${html(footer(message))}</p>`,
    '</div></body></html>',
  ]
    .filter(Boolean)
    .join('\n');
}

const footer = (message: Message) => `${message.severity} · ${message.ruleName ?? message.alertType} · ${message.at}`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const html = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
