import type { DeviceMinute } from '@flotilla/domain';

/** What one place in the spool's sequence holds. */
export type SpoolEntry = MinuteEntry | EventEntry | RecordEntry | DroppedEntry;

export interface MinuteEntry {
  readonly kind: 'minute';
  /** GPU or MIG uuid, or `host`. */
  readonly device: string;
  readonly minute: DeviceMinute;
}

export interface EventEntry {
  readonly kind: 'event';
  /** Unix milliseconds, corrected. */
  readonly atMs: number;
  readonly event: string;
  readonly severity: string;
  readonly device: string;
  readonly message: string;
  readonly detailsJson: string;
}

/** An element of a POST /sync section. */
export interface RecordEntry {
  readonly kind: 'record';
  readonly section: string;
  readonly json: string;
}

export type DropReason = 'full' | 'too_old' | 'unreadable' | 'degraded';

/** Holds the place of entries that are gone, so that the sequence stays whole and the gap is known. */
export interface DroppedEntry {
  readonly kind: 'dropped';
  readonly reason: DropReason;
  /** Unix seconds of the first and the last minute that is gone; 0 when nobody knows. */
  readonly fromMinuteS: number;
  readonly toMinuteS: number;
  /** How many entries are gone; 0 in a place that an earlier one counted already. */
  readonly entries: number;
}

/** Bytes before the JSON head: the kind and the head's length. */
const HEAD = 5;
const KINDS = ['minute', 'event', 'record', 'dropped'] as const;

/**
 * Bytes of an entry on disk: a kind, a JSON head (so that a newer agent may add fields and an older one still reads it)
 * and, for minutes, the seconds and values as they go over the wire.
 */
export function encodeEntry(entry: SpoolEntry): Buffer {
  if (entry.kind !== 'minute') return withHead(entry.kind, entry, []);
  const { minuteS, intervalS, metrics, seconds, values } = entry.minute;
  return withHead('minute', { d: entry.device, m: minuteS, i: intervalS, k: metrics, n: seconds.length }, [
    seconds,
    floatBytes(values),
  ]);
}

/** @throws Error when the bytes are no entry of this or an older version */
export function decodeEntry(bytes: Buffer): SpoolEntry {
  const kind = KINDS[bytes.readUInt8(0)];
  const headLength = bytes.readUInt32LE(1);
  const head = JSON.parse(bytes.toString('utf8', HEAD, HEAD + headLength)) as Record<string, unknown>;
  if (kind !== 'minute') {
    if (kind === undefined || head['kind'] !== kind) throw new Error('not an entry of the spool');
    return head as unknown as SpoolEntry;
  }
  const { d, m, i, k, n } = head as { d: string; m: number; i: number; k: number[]; n: number };
  const start = HEAD + headLength;
  const end = start + n + k.length * n * 4;
  if (end !== bytes.length) throw new Error('a minute of another length than its head says');
  const values = new Float32Array(k.length * n);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < values.length; at++) values[at] = view.getFloat32(start + n + at * 4, true);
  const seconds = Uint8Array.prototype.slice.call(bytes, start, start + n);
  return { kind, device: d, minute: { minuteS: m, intervalS: i, metrics: k, seconds, values } };
}

/** Little-endian float32 bytes, as the wire has them. */
export function floatBytes(values: Float32Array): Buffer {
  const out = Buffer.allocUnsafe(values.length * 4);
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  for (let at = 0; at < values.length; at++) view.setFloat32(at * 4, values[at] as number, true);
  return out;
}

/** The minutes that an entry is about, for the account of a gap; null when it has no time. */
export function minuteOf(entry: SpoolEntry): number | null {
  if (entry.kind === 'minute') return entry.minute.minuteS;
  if (entry.kind === 'event') return Math.floor(entry.atMs / 60_000) * 60;
  return null;
}

function withHead(kind: SpoolEntry['kind'], head: unknown, parts: Uint8Array[]): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const start = Buffer.allocUnsafe(HEAD);
  start.writeUInt8(KINDS.indexOf(kind), 0);
  start.writeUInt32LE(json.length, 1);
  return Buffer.concat([start, json, ...parts]);
}
