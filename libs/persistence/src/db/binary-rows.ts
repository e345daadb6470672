import type { CopyOut } from './copy-out.js';

/** Signature, flags, and a header extension of no length: what a binary COPY begins with. */
const HEADER_BYTES = 19;

/** One row of a binary COPY. Used again for the next one. */
export interface BinaryFields {
  /** Over the chunk that the row came in. */
  readonly view: DataView;
  /** Where the value of each field begins. */
  readonly at: Int32Array;
  /** Bytes of each field; -1: NULL. */
  readonly bytes: Int32Array;
}

/**
 * Takes a binary COPY apart (PostgreSQL, "COPY", "Binary Format"), without an object per row.
 *
 * @param copy of `Db.readBinary`: its chunks hold whole rows, and are used again
 * @param fields of each row
 */
export async function readBinaryRows(copy: CopyOut, fields: number, onRow: (row: BinaryFields) => void): Promise<void> {
  const at = new Int32Array(fields);
  const bytes = new Int32Array(fields);
  let begun = false;
  for await (const chunk of copy.rows) {
    const { buffer, byteOffset, length } = chunk as Buffer;
    const view = new DataView(buffer, byteOffset, length);
    const row = { view, at, bytes };
    let place = begun ? 0 : HEADER_BYTES;
    begun = true;
    while (place < length) {
      const count = view.getInt16(place);
      place += 2;
      // the trailer
      if (count === -1) break;
      if (count !== fields) throw new RangeError(`${fields} fields were asked for, ${count} came`);
      for (let f = 0; f < count; f++) {
        const size = view.getInt32(place);
        place += 4;
        at[f] = place;
        bytes[f] = size;
        if (size > 0) place += size;
      }
      onRow(row);
    }
    copy.recycle(chunk as Buffer);
  }
}
