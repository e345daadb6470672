import { crc32 } from 'node:zlib';

/**
 * The framing of every file that the agent appends to: 4 bytes length, 4 bytes CRC-32, then that many bytes, all
 * little-endian. The CRC covers the length too, so that a run of zero bytes (what a crash leaves on some file systems)
 * never reads as an empty frame.
 */
export const FRAME_HEADER = 8;

/** No frame is larger: a larger length is damage. */
export const MAX_FRAME = 8 * 1024 * 1024;

export function frame(payload: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(FRAME_HEADER + payload.length);
  out.writeUInt32LE(payload.length, 0);
  out.set(payload, FRAME_HEADER);
  out.writeUInt32LE(checksum(payload.length, out.subarray(FRAME_HEADER)), 4);
  return out;
}

export type FrameAt =
  | { readonly kind: 'frame'; readonly payload: Buffer; readonly next: number }
  /** The bytes end here, exactly. */
  | { readonly kind: 'end' }
  /** The last frame was not written whole. */
  | { readonly kind: 'torn' }
  /** `next`: where the following frame would begin if the length can be believed; null when it cannot. */
  | { readonly kind: 'damaged'; readonly next: number | null };

/** Reads the frame that begins at `offset`; never throws. */
export function frameAt(bytes: Buffer, offset: number): FrameAt {
  if (offset === bytes.length) return { kind: 'end' };
  if (offset + FRAME_HEADER > bytes.length) return { kind: 'torn' };
  const length = bytes.readUInt32LE(offset);
  if (length > MAX_FRAME) return { kind: 'damaged', next: null };
  const next = offset + FRAME_HEADER + length;
  if (next > bytes.length) return { kind: 'torn' };
  const payload = bytes.subarray(offset + FRAME_HEADER, next);
  if (bytes.readUInt32LE(offset + 4) !== checksum(length, payload)) return { kind: 'damaged', next };
  return { kind: 'frame', payload, next };
}

/** All whole frames from the start up to the first damage or the torn end. */
export function wholeFrames(bytes: Buffer): { payloads: Buffer[]; end: number; clean: boolean } {
  const payloads: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const at = frameAt(bytes, offset);
    if (at.kind !== 'frame') return { payloads, end: offset, clean: at.kind === 'end' };
    payloads.push(at.payload);
    offset = at.next;
  }
}

const lengthBytes = Buffer.alloc(4);
function checksum(length: number, payload: Uint8Array): number {
  lengthBytes.writeUInt32LE(length, 0);
  return crc32(payload, crc32(lengthBytes));
}
