import type { Said } from './index.js';

/** What a service says to what it was told; null: nothing of this service. */
export type Protocol = (
  said: Said,
) => { readonly status: number; readonly body: unknown; readonly contentType?: string } | null;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- bodies are looked into as each service does
type Body = any;
const isText = (value: unknown, most: number) => typeof value === 'string' && value.length > 0 && value.length <= most;

/** Incoming webhooks answer in plain text: `ok`, or one word. */
export const slack: Protocol = ({ path, body }) => {
  if (!path.startsWith('/services/')) return null;
  const words = (status: number, text: string) => ({ status, body: text, contentType: 'text/html' });
  if (path.endsWith('/REVOKED')) return words(403, 'invalid_token');
  if (path.endsWith('/GONE')) return words(404, 'no_service');
  const { text, blocks = [] }: Body = body;
  if (!isText(text, 40_000) && blocks.length === 0) return words(400, 'no_text');
  const fits = blocks.every((block: Body) =>
    block.type === 'header'
      ? block.text.type === 'plain_text' && isText(block.text.text, 150)
      : block.type === 'section'
        ? (block.text ? isText(block.text.text, 3_000) : true) &&
          (block.fields ?? []).length <= 10 &&
          (block.fields ?? []).every((field: Body) => isText(field.text, 2_000))
        : ['context', 'actions'].includes(block.type),
  );
  return blocks.length <= 50 && fits ? words(200, 'ok') : words(400, 'invalid_blocks');
};

/** Events API v2. */
export const pagerduty: Protocol = ({ path, body }) => {
  if (path !== '/v2/enqueue') return null;
  const event: Body = body;
  const errors = [
    ...(isText(event.routing_key, 200) ? [] : ["'routing_key' is missing or blank"]),
    ...(['trigger', 'acknowledge', 'resolve'].includes(event.event_action) ? [] : ["'event_action' is invalid"]),
    ...(isText(event.dedup_key, 255) ? [] : ["'dedup_key' is invalid"]),
    ...(event.event_action !== 'trigger' || isText(event.payload?.summary, 1_024)
      ? []
      : ["'payload.summary' is missing"]),
    ...(event.event_action !== 'trigger' || isText(event.payload?.source, 255) ? [] : ["'payload.source' is missing"]),
    ...(event.event_action !== 'trigger' || ['critical', 'error', 'warning', 'info'].includes(event.payload?.severity)
      ? []
      : ["'payload.severity' is invalid"]),
  ];
  if (errors.length > 0)
    return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } };
  return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: event.dedup_key } };
};

/** Alert API. */
export const opsgenie: Protocol = ({ path, headers, body }) => {
  if (!path.startsWith('/v2/alerts')) return null;
  if (!/^GenieKey .+/.test(headers['authorization'] ?? ''))
    return { status: 401, body: { message: 'Could not authenticate' } };
  const alert: Body = body;
  if (path === '/v2/alerts') {
    const fine = isText(alert.message, 130) && isText(alert.alias, 512) && /^P[1-5]$/.test(alert.priority);
    if (!fine) return { status: 422, body: { message: 'Request body is not processable' } };
  } else if (!/^\/v2\/alerts\/[^/]+\/(acknowledge|close)\?identifierType=alias$/.test(path)) {
    return { status: 404, body: { message: 'not found' } };
  }
  return { status: 202, body: { result: 'Request will be processed', took: 0.1, requestId: 'r' } };
};

/** A Teams workflow takes a message with Adaptive Cards. */
export const teams: Protocol = ({ path, body }) => {
  if (!path.startsWith('/workflows/')) return null;
  const { type, attachments = [] }: Body = body;
  const fine =
    type === 'message' &&
    attachments.length === 1 &&
    attachments[0].contentType === 'application/vnd.microsoft.card.adaptive' &&
    attachments[0].content.type === 'AdaptiveCard' &&
    attachments[0].content.body.length > 0;
  return fine ? { status: 202, body: '' } : { status: 400, body: { error: { code: 'InvalidTemplate' } } };
};

/** A webhook of Discord answers 204. */
export const discord: Protocol = ({ path, body }) => {
  if (!path.startsWith('/api/webhooks/')) return null;
  const { embeds = [], content = '' }: Body = body;
  const total = JSON.stringify(embeds).length;
  const fine =
    (content !== '' || embeds.length > 0) &&
    total <= 6_000 &&
    embeds.every(
      (embed: Body) =>
        isText(embed.title, 256) &&
        embed.description.length <= 4_096 &&
        embed.fields.length <= 25 &&
        embed.fields.every((field: Body) => isText(field.name, 256) && isText(field.value, 1_024)),
    );
  return fine ? { status: 204, body: '' } : { status: 400, body: { message: 'Invalid Form Body', code: 50_035 } };
};

/** Somebody's own receiver of signed webhooks. */
export const webhook: Protocol = ({ path }) =>
  path.startsWith('/hook') ? { status: 200, body: 'inside words' } : null;
