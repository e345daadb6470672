/** A value of an attribute; what is neither text, number nor truth is left out. */
export type AttributeValue = string | number | boolean;

/** A span, whatever it travelled as. */
export interface Span {
  /** Lower-case hex, 32 digits; '' when it is missing or broken. */
  readonly traceId: string;
  /** Lower-case hex, 16 digits; '' when it is missing or broken. */
  readonly spanId: string;
  /** 2: server, 3: client. */
  readonly kind: number;
  /** Unix milliseconds; NaN when it is missing or broken. */
  readonly startMs: number;
  readonly endMs: number;
  readonly isError: boolean;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** Of what it ran in. */
  readonly resource: ReadonlyMap<string, AttributeValue>;
}

export class UnreadableSpans extends Error {}

/* eslint-disable @typescript-eslint/no-explicit-any -- what comes over the wire is looked at field by field */

/**
 * Spans of a request, from OTLP/JSON (camelCase names, ids in hex, 64-bit integers as text) or from decoded protobuf,
 * which has the same shape with other kinds of values.
 *
 * @throws UnreadableSpans when it is no such request
 */
export function spansOf(request: any, most: number): Span[] {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw new UnreadableSpans('the body is no ExportTraceServiceRequest: expected an object with resourceSpans');
  }
  const spans: Span[] = [];
  for (const resourceSpans of listOf(request.resourceSpans, 'resourceSpans')) {
    const resource = attributesOf(resourceSpans?.resource?.attributes);
    for (const scopeSpans of listOf(resourceSpans?.scopeSpans, 'scopeSpans')) {
      for (const span of listOf(scopeSpans?.spans, 'spans')) {
        if (typeof span !== 'object' || span === null) throw new UnreadableSpans('a span is no object');
        if (spans.length === most)
          throw new UnreadableSpans(`the body has more than ${most} spans: send them in parts`);
        spans.push({
          traceId: idOf(span.traceId, 16),
          spanId: idOf(span.spanId, 8),
          kind: kindOf(span.kind),
          startMs: millisecondsOf(span.startTimeUnixNano),
          endMs: millisecondsOf(span.endTimeUnixNano),
          isError: span.status?.code === 2 || span.status?.code === 'STATUS_CODE_ERROR',
          attributes: attributesOf(span.attributes),
          resource,
        });
      }
    }
  }
  return spans;
}

function listOf(value: any, name: string): any[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new UnreadableSpans(`${name} is no list`);
  return value;
}

function kindOf(kind: any): number {
  if (typeof kind === 'number') return kind;
  return kind === 'SPAN_KIND_CLIENT' ? 3 : kind === 'SPAN_KIND_SERVER' ? 2 : 0;
}

const HEX = /^[0-9a-f]+$/i;

function idOf(id: any, bytes: number): string {
  const hex =
    typeof id === 'string' && HEX.test(id)
      ? id.toLowerCase()
      : id instanceof Uint8Array
        ? Buffer.from(id).toString('hex')
        : '';
  return hex.length === bytes * 2 && !/^0+$/.test(hex) ? hex : '';
}

/** Nanoseconds as text, a number or a Long. What is lost below a millisecond is not kept anyway. */
function millisecondsOf(nanoseconds: any): number {
  if (typeof nanoseconds === 'string' && /^\d{1,20}$/.test(nanoseconds))
    return Number(BigInt(nanoseconds) / 1_000_000n);
  if (typeof nanoseconds === 'number') return Math.floor(nanoseconds / 1e6);
  if (typeof nanoseconds?.high === 'number') {
    return Math.floor(((nanoseconds.high >>> 0) * 4_294_967_296 + (nanoseconds.low >>> 0)) / 1e6);
  }
  return NaN;
}

function attributesOf(attributes: any): ReadonlyMap<string, AttributeValue> {
  const read = new Map<string, AttributeValue>();
  for (const attribute of listOf(attributes, 'attributes')) {
    const value = valueOf(attribute?.value);
    if (typeof attribute?.key === 'string' && value !== undefined) read.set(attribute.key, value);
  }
  return read;
}

const has = (value: object, name: string) => Object.hasOwn(value, name);

function valueOf(value: any): AttributeValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // a decoded message has the defaults of what was not sent on its prototype
  if (has(value, 'stringValue') && typeof value.stringValue === 'string') return value.stringValue;
  if (has(value, 'boolValue') && typeof value.boolValue === 'boolean') return value.boolValue;
  if (has(value, 'doubleValue') && typeof value.doubleValue === 'number') return value.doubleValue;
  if (!has(value, 'intValue')) return undefined;
  const int = value.intValue;
  if (typeof int === 'number') return int;
  // kept as text where a number does not hold it: the reader of counts then refuses it by its digits
  if (typeof int === 'string') return /^-?\d{1,15}$/.test(int) ? Number(int) : int;
  if (typeof int?.toNumber === 'function') {
    const number = int.toNumber() as number;
    return Number.isSafeInteger(number) ? number : String(int);
  }
  return undefined;
}
