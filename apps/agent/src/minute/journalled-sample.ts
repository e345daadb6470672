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
  out.writeUInt8(VERSION, 0);
  out.writeUInt8(second, 1);
  out.writeFloatLE(intervalS, 2);
  out.writeUInt16LE(name.length, 6);
  name.copy(out, 8);
  let at = 8 + name.length;
  for (const [metric, value] of values) {
    out.writeUInt16LE(metric, at);
    out.writeDoubleLE(value, at + 2);
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
