/** One sample as the journal keeps it. */
export interface JournalledSample {
  readonly device: string;
  readonly minuteS: number;
  readonly second: number;
  readonly intervalS: number;
  readonly values: ReadonlyMap<number, number>;
}

const VERSION = 1;
const PAIR = 2 + 8;

/**
 * Version, second, interval, device, then metric and value of each: little-endian, values as they were read. As JSON the
 * numbers were most of what an agent's process computed and threw away. The minute stands in the file's name.
 */
export function encodeSample({ device, second, intervalS, values }: JournalledSample): Buffer {
  const name = Buffer.from(device);
  const out = Buffer.allocUnsafe(8 + name.length + values.size * PAIR);
  // Buffer writes numbers by functions in JavaScript, which the agent's engine does not optimise; a view by its own
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  view.setUint8(0, VERSION);
  view.setUint8(1, second);
  view.setFloat32(2, intervalS, true);
  view.setUint16(6, name.length, true);
  name.copy(out, 8);
  let at = 8 + name.length;
  for (const [metric, value] of values) {
    view.setUint16(at, metric, true);
    view.setFloat64(at + 2, value, true);
    at += PAIR;
  }
  return out;
}

/** null: of no version that this agent knows. Versions before wrote JSON. */
export function decodeSample(minuteS: number, bytes: Buffer): JournalledSample | null {
  try {
    if (bytes[0] === 0x5b) return fromJson(minuteS, bytes.toString());
    if (bytes[0] !== VERSION) return null;
    const start = 8 + bytes.readUInt16LE(6);
    const values = new Map<number, number>();
    for (let at = start; at < bytes.length; at += PAIR) values.set(bytes.readUInt16LE(at), bytes.readDoubleLE(at + 2));
    const device = bytes.toString('utf8', 8, start);
    return { device, minuteS, second: bytes.readUInt8(1), intervalS: bytes.readFloatLE(2), values };
  } catch {
    return null;
  }
}

function fromJson(minuteS: number, text: string): JournalledSample {
  const [device, second, intervalS, values] = JSON.parse(text) as [string, number, number, [number, number][]];
  return { device, minuteS, second, intervalS, values: new Map(values) };
}
