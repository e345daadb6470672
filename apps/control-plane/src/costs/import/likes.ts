const LANES = 3;

/**
 * How often each key came before: a bill may hold charges that are alike in every dimension, and all of them are owed.
 * Keeps eight bytes of a digest and a count for each row, some 25 MB for a million. That two of 10^7 different rows are
 * taken for likes happens once in 400,000 files, and tells them apart by their place, no more.
 */
export class Likes {
  private slots = new Uint32Array(LANES * 4_096);
  private filled = 0;

  /** Counts a key and answers how many of its likes came before. @param key a digest in hex: its first 8 bytes tell */
  placeOf(key: string): number {
    // nought marks an empty slot
    const slot = this.slotOf(Number.parseInt(key.slice(0, 8), 16) || 1, Number.parseInt(key.slice(8, 16), 16));
    const place = this.slots[slot + 2]!;
    this.slots[slot + 2] = place + 1;
    if (place === 0 && ++this.filled * LANES * 4 > this.slots.length * 3) this.grow();
    return place;
  }

  /** The slot of a key; where it is new, one that is now its own. */
  private slotOf(high: number, low: number): number {
    const { slots } = this;
    const mask = slots.length / LANES - 1;
    for (let n = low & mask; ; n = (n + 1) & mask) {
      const slot = LANES * n;
      if (slots[slot] === 0) {
        slots[slot] = high;
        slots[slot + 1] = low;
        return slot;
      }
      if (slots[slot] === high && slots[slot + 1] === low) return slot;
    }
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Uint32Array(2 * before.length);
    for (let at = 0; at < before.length; at += LANES) {
      if (before[at] !== 0) this.slots[this.slotOf(before[at]!, before[at + 1]!) + 2] = before[at + 2]!;
    }
  }
}
