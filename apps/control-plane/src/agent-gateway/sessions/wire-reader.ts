/** The few words of the protobuf encoding that are needed to look into a message before it is decoded whole. */
export class WireReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** @throws RangeError when the bytes end, or the number is above 2^53 */
  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 63; factor *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new RangeError('the message is cut off');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) throw new RangeError('a number is above 2^53');
        return value;
      }
    }
    throw new RangeError('a number has more than ten bytes');
  }

  fixed64(): number {
    const view = this.take(8);
    const low = view[0]! + view[1]! * 2 ** 8 + view[2]! * 2 ** 16 + view[3]! * 2 ** 24;
    const high = view[4]! + view[5]! * 2 ** 8 + view[6]! * 2 ** 16 + view[7]! * 2 ** 24;
    const value = high * 2 ** 32 + low;
    if (!Number.isSafeInteger(value)) throw new RangeError('a number is above 2^53');
    return value;
  }

  /** A length-delimited field; a view, no copy. */
  block(): Uint8Array {
    return this.take(this.varint());
  }

  skip(wireType: number): void {
    if (wireType === 0) while ((this.take(1)[0]! & 0x80) !== 0);
    else if (wireType === 1) this.take(8);
    else if (wireType === 2) this.block();
    else if (wireType === 5) this.take(4);
    else throw new RangeError(`wire type ${wireType} is not known`);
  }

  private take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw new RangeError('the message is cut off');
    const view = this.bytes.subarray(this.at, end);
    this.at = end;
    return view;
  }
}
