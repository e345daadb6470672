import { messageCodec } from '@flotilla/contracts/agent';
import type { AgentMessage, Entry } from '@flotilla/contracts/agent';
import { WireReader } from './wire-reader.js';

/** An entry whose bytes are no Entry. */
export interface MalformedEntry {
  readonly malformed: string;
  readonly payload: Uint8Array;
}

export type IncomingEntry = Entry | MalformedEntry;

export interface IncomingBatch {
  readonly walEpoch: number;
  readonly firstSeq: number;
  readonly entries: readonly IncomingEntry[];
  /** What it takes in memory, about. */
  readonly bytes: number;
}

/** One message of an agent, read so that nothing in it can break the stream. */
export type Incoming =
  | { readonly kind: 'message'; readonly epoch: number; readonly message: AgentMessage }
  | { readonly kind: 'batch'; readonly epoch: number; readonly batch: IncomingBatch }
  | { readonly kind: 'malformed'; readonly reason: string };

const KIB = 1024;
const BATCH_FIELD = 3;
/** How large each body (by field number of AgentMessage) may be; a tiny message can become large objects. */
const BODY_LIMIT_BYTES: Readonly<Record<number, number>> = {
  2: 512 * KIB, // hello
  4: 256 * KIB, // live
  5: 128 * KIB, // heartbeat
  6: 1024 * KIB, // inventory
  7: 4 * KIB, // action_accepted
  8: 512 * KIB, // action_result
  9: 512 * KIB, // query_answer
  10: 1 * KIB, // health_cleared
};
/** An entry of two bytes costs some 200 bytes as an object. */
export const ENTRIES_MAX = 20_000;

const entryCodec = messageCodec('Entry');
const messageCodecOfAgent = messageCodec('AgentMessage');

/**
 * Reads a message of an agent. Unlike the stock deserializer it never throws: a broken entry is told from its
 * neighbours, so that one bad entry is rejected by its number and the stream moves on.
 */
export function readIncoming(bytes: Buffer): Incoming {
  try {
    const { epoch, field, body } = readEnvelope(bytes);
    if (field === BATCH_FIELD) return { kind: 'batch', epoch, batch: readBatch(body) };
    const limit = BODY_LIMIT_BYTES[field];
    if (limit !== undefined && body.length > limit) {
      return malformed(`a message of this kind may have ${limit} bytes, this one has ${body.length}`);
    }
    return { kind: 'message', epoch, message: messageCodecOfAgent.decode(bytes) };
  } catch (error) {
    return malformed((error as Error).message);
  }
}

const malformed = (reason: string): Incoming => ({ kind: 'malformed', reason });

function readEnvelope(bytes: Uint8Array): { epoch: number; field: number; body: Uint8Array } {
  const reader = new WireReader(bytes);
  let epoch = 0;
  let field = 0;
  let body: Uint8Array = new Uint8Array();
  while (!reader.done) {
    const tag = reader.varint();
    const number = tag >>> 3;
    const wireType = tag & 7;
    if (number === 1 && wireType === 0) epoch = reader.varint();
    else if (wireType === 2) {
      const block = reader.block();
      if (number > 1 && number < 11) [field, body] = [number, block];
    } else reader.skip(wireType);
  }
  return { epoch, field, body };
}

function readBatch(body: Uint8Array): IncomingBatch {
  const reader = new WireReader(body);
  const entries: IncomingEntry[] = [];
  let walEpoch = 0;
  let firstSeq = 0;
  while (!reader.done) {
    const tag = reader.varint();
    const number = tag >>> 3;
    const wireType = tag & 7;
    if (number === 1 && wireType === 1) walEpoch = reader.fixed64();
    else if (number === 2 && wireType === 0) firstSeq = reader.varint();
    else if (number === 3 && wireType === 2) {
      if (entries.length >= ENTRIES_MAX) throw new RangeError(`a batch may have ${ENTRIES_MAX} entries`);
      entries.push(readEntry(reader.block()));
    } else reader.skip(wireType);
  }
  return { walEpoch, firstSeq, entries, bytes: body.length + entries.length * 200 };
}

function readEntry(bytes: Uint8Array): IncomingEntry {
  try {
    return entryCodec.decode(bytes as Buffer);
  } catch (error) {
    return { malformed: (error as Error).message, payload: bytes.slice(0, 4096) };
  }
}
