import { Injectable } from '@nestjs/common';
import { UsageLedger } from '../ai-spend/index.js';
import type { UsageRecord } from '../ai-spend/index.js';
import type { RequestActor } from '../platform/index.js';
import { genAiUsage } from './genai-usage.js';
import { spansOf, UnreadableSpans } from './spans.js';
import { Refusal, TracesAnswer, TracesRequest } from './traces.proto.js';

/** Spans of one body. */
const MOST_SPANS = 100_000;
const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';
/** google.rpc.Code INVALID_ARGUMENT. */
const INVALID_ARGUMENT = 3;

/** What goes back: in the kind of encoding that came, as OTLP wants it. */
export interface OtlpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array | string;
}

/** OpenTelemetry traces: spans of models' calls become usage, all others are passed over. */
@Injectable()
export class OtlpService {
  constructor(private readonly ledger: UsageLedger) {}

  /**
   * Stores the usage of a body's spans, all of it or nothing. Safe to call twice with the same spans.
   *
   * @param body inflated; refused spans are counted in the answer, and their neighbours are stored
   */
  async traces(actor: RequestActor, body: unknown, contentType: string | undefined): Promise<OtlpAnswer> {
    const kind = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (kind !== JSON_TYPE && kind !== PROTOBUF_TYPE) {
      return refusal(
        JSON_TYPE,
        415,
        `Content-Type must be ${PROTOBUF_TYPE} or ${JSON_TYPE}, and not ${kind.slice(0, 60) || 'left out'}.`,
      );
    }
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    let spans;
    try {
      spans = spansOf(kind === JSON_TYPE ? parsed(bytes) : decoded(bytes), MOST_SPANS);
    } catch (error) {
      if (error instanceof UnreadableSpans) return refusal(kind, 400, `${error.message}.`);
      throw error;
    }
    const records: UsageRecord[] = [];
    const reasons: string[] = [];
    for (const span of spans) {
      const usage = genAiUsage(span);
      if (usage === null) continue;
      if ('refused' in usage) reasons.push(`span ${span.spanId || 'without id'}: ${usage.refused}`);
      else records.push(usage);
    }
    const { refused } = await this.ledger.store(actor, records);
    for (const { index, reason } of refused) reasons.push(`trace ${records[index]!.traceId ?? ''}: ${reason}`);
    return accepted(kind, reasons);
  }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new UnreadableSpans('the body is not valid JSON');
  }
}

function decoded(bytes: Buffer): unknown {
  try {
    return TracesRequest.decode(bytes);
  } catch {
    throw new UnreadableSpans('the body is not a valid ExportTraceServiceRequest in protobuf');
  }
}

const SHOWN = 5;

function accepted(kind: string, reasons: readonly string[]): OtlpAnswer {
  const more = reasons.length > SHOWN ? `; and ${reasons.length - SHOWN} more` : '';
  const answer =
    reasons.length === 0
      ? {}
      : { partialSuccess: { rejectedSpans: reasons.length, errorMessage: reasons.slice(0, SHOWN).join('; ') + more } };
  return {
    status: 200,
    contentType: kind,
    body: kind === JSON_TYPE ? JSON.stringify(answer) : TracesAnswer.encode(TracesAnswer.fromObject(answer)).finish(),
  };
}

function refusal(kind: string, status: number, message: string): OtlpAnswer {
  const answer = { code: INVALID_ARGUMENT, message };
  return {
    status,
    contentType: kind,
    body: kind === JSON_TYPE ? JSON.stringify(answer) : Refusal.encode(Refusal.fromObject(answer)).finish(),
  };
}
