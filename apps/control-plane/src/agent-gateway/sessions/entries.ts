import { unpackMinute } from '@flotilla/domain';
import type { DeviceMinute } from '@flotilla/domain';
import type { DeviceMinute as WireDeviceMinute, Dropped, Event } from '@flotilla/contracts/agent';
import { cleanText } from '../grpc/text.js';
import type { IncomingEntry } from './incoming.js';

/** How far ahead of the server's clock a minute may begin. */
export const FUTURE_S = 300;

export interface AgentEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly kind: string;
  readonly severity: string;
  readonly device: string | null;
  readonly message: string;
  /** JSON object */
  readonly detailsJson: string;
}

/** What one entry of a batch is, or why it is nothing. */
export type ReadEntry =
  | {
      readonly kind: 'minute';
      readonly seq: number;
      readonly instanceId: string;
      readonly device: string;
      readonly minute: DeviceMinute;
      /** What was left out of it, in words; null: nothing. */
      readonly warning: string | null;
    }
  | { readonly kind: 'event'; readonly seq: number; readonly event: AgentEvent }
  /** Keeps its place in the sequence only: an earlier entry told of the gap that it belongs to. */
  | { readonly kind: 'place'; readonly seq: number }
  | { readonly kind: 'record'; readonly seq: number; readonly section: string; readonly element: unknown }
  | {
      readonly kind: 'rejected';
      readonly seq: number;
      readonly reason: string;
      /** Its time was too far ahead. */
      readonly future: boolean;
      readonly payload?: Uint8Array | undefined;
    };

const SEVERITIES = ['info', 'low', 'medium', 'warning', 'high', 'error', 'critical'];

/** Decides what an entry is. Never throws: what cannot be used is rejected by its number, with a reason. */
export function readEntry(entry: IncomingEntry, seq: number, nowMs: number): ReadEntry {
  if ('malformed' in entry) {
    return { ...rejected(seq, `the entry cannot be decoded: ${entry.malformed}`), payload: entry.payload };
  }
  switch (entry.body) {
    case 'minute':
      return readMinute(entry.minute!, seq, nowMs);
    case 'event':
      return { kind: 'event', seq, event: readEvent(entry.event!, seq, nowMs) };
    case 'dropped':
      if (entry.dropped!.entries === 0) return { kind: 'place', seq };
      return { kind: 'event', seq, event: readDropped(entry.dropped!, seq, nowMs) };
    case 'record':
      return readRecord(entry.record!.section, entry.record!.json, seq);
    default:
      return rejected(seq, 'the entry is of a kind that this control plane does not know');
  }
}

const rejected = (seq: number, reason: string, future = false) => ({ kind: 'rejected', seq, reason, future }) as const;

function readMinute(wire: WireDeviceMinute, seq: number, nowMs: number): ReadEntry {
  const read = unpackMinute(wire);
  if (typeof read === 'string') return { ...rejected(seq, read), payload: wire.values.subarray(0, 4096) };
  if (read.minute.minuteS > nowMs / 1000 + FUTURE_S) {
    const ahead = Math.round(read.minute.minuteS - nowMs / 1000);
    return rejected(seq, `the minute begins ${ahead} s in the future; at most ${FUTURE_S} s are accepted`, true);
  }
  if (wire.device.length === 0 || wire.device.length > 128 || wire.device !== cleanText(wire.device, 128)) {
    return rejected(seq, 'device must be a uuid, or "host"');
  }
  if (wire.instanceId.length > 256) return rejected(seq, 'instance_id is longer than 256 characters');
  const warning =
    read.firstOutOfRange ??
    (read.unknownMetrics.length > 0
      ? `metrics of a newer agent are left out: ${read.unknownMetrics.slice(0, 10).join(', ')}`
      : null);
  return { kind: 'minute', seq, instanceId: wire.instanceId, device: wire.device, minute: read.minute, warning };
}

function readEvent(event: Event, seq: number, nowMs: number): AgentEvent {
  const severity = event.severity.toLowerCase();
  return {
    seq,
    atMs: plausibleTime(event.atMs, nowMs),
    kind: cleanText(event.kind, 64) ?? 'unnamed',
    severity: SEVERITIES.includes(severity) ? severity : 'info',
    device: cleanText(event.device, 128),
    message: cleanText(event.message, 2000) ?? '',
    detailsJson: jsonObject(event.detailsJson),
  };
}

/** A gap is kept as a gap: who looks for missing minutes finds why. */
function readDropped(dropped: Dropped, seq: number, nowMs: number): AgentEvent {
  const reason = cleanText(dropped.reason, 64) ?? 'unknown';
  return {
    seq,
    atMs: plausibleTime(dropped.toMinuteS * 1000, nowMs),
    kind: 'entries_dropped',
    severity: 'warning',
    device: null,
    message: `the agent dropped ${dropped.entries} entries that were not sent yet (${reason})`,
    detailsJson: JSON.stringify({
      reason,
      entries: dropped.entries,
      from_minute_s: dropped.fromMinuteS,
      to_minute_s: dropped.toMinuteS,
    }),
  };
}

function readRecord(section: string, json: Buffer, seq: number): ReadEntry {
  if (!/^[a-z_]{1,40}$/.test(section)) return rejected(seq, 'section must be a word such as instances or errors');
  try {
    return { kind: 'record', seq, section, element: JSON.parse(json.toString('utf8')) as unknown };
  } catch {
    return { ...rejected(seq, 'the record is no JSON'), payload: json.subarray(0, 4096) };
  }
}

/** What a host's clock says, where it can be; otherwise now. */
const plausibleTime = (atMs: number, nowMs: number): number =>
  atMs > 0 && atMs <= nowMs + FUTURE_S * 1000 ? atMs : nowMs;

function jsonObject(text: string): string {
  if (text === '' || text.length > 65_536) return '{}';
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return '{}';
    const clean = JSON.stringify(value);
    // what is still escaped now are NUL and halves of surrogate pairs, which jsonb cannot hold
    return /\\u(0000|d[89a-f])/i.test(clean) ? '{}' : clean;
  } catch {
    return '{}';
  }
}
