import { STATS } from '@flotilla/domain';

const SIGNATURE = Uint8Array.of(0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00);
const FLOAT4_OID = 700;
/** 2000-01-01 in days since 1970: where PostgreSQL's dates begin. */
const POSTGRES_EPOCH_DAY = 10_957;
export const MINUTES_A_DAY = 1_440;
const HOURS_A_DAY = 24;

/** The columns that `DayRows` writes, in order. */
export const DAY_COLUMNS = 'tenant_id, device_id, day, metric, hours, minutes';

/**
 * Rows of gpu_days in PostgreSQL's binary COPY format, made from the minutes of a day in short.
 *
 * One buffer is used over and over; what `bytes` returns is valid until the next `reset`.
 */
export class DayRows {
  private buffer = Buffer.allocUnsafeSlow(4 << 20);
  private view = new DataView(this.buffer.buffer);
  private offset = 0;
  private readonly hours = new Float32Array(HOURS_A_DAY * STATS);

  reset(): void {
    this.buffer.set(SIGNATURE, 0);
    this.buffer.fill(0, SIGNATURE.length, SIGNATURE.length + 8);
    this.offset = SIGNATURE.length + 8;
  }

  get size(): number {
    return this.offset;
  }

  /**
   * @param day days since 1970
   * @param minutes (min, avg, max, count) × 1,440; a count of 0: no sample in that minute
   */
  add(tenant: Uint8Array, deviceId: number, day: number, metric: number, minutes: Float32Array): void {
    this.reserve(512 + HOURS_A_DAY * STATS * 8 + MINUTES_A_DAY * STATS * 8);
    const view = this.view;
    let at = this.offset;
    view.setInt16(at, 6);
    view.setInt32(at + 2, 16);
    this.buffer.set(tenant, at + 6);
    view.setInt32(at + 22, 4);
    view.setInt32(at + 26, deviceId);
    view.setInt32(at + 30, 4);
    view.setInt32(at + 34, day - POSTGRES_EPOCH_DAY);
    view.setInt32(at + 38, 2);
    view.setInt16(at + 42, metric);
    at = this.groups(at + 44, this.hoursOf(minutes));
    this.offset = this.columns(at, minutes);
  }

  /** What goes to COPY … FROM STDIN (FORMAT binary). */
  bytes(): Buffer {
    this.reserve(2);
    this.view.setInt16(this.offset, -1);
    return this.buffer.subarray(0, this.offset + 2);
  }

  private hoursOf(minutes: Float32Array): Float32Array {
    const { hours } = this;
    for (let hour = 0; hour < HOURS_A_DAY; hour++) {
      let min = Infinity;
      let max = -Infinity;
      let sum = 0;
      let count = 0;
      for (let i = hour * 60 * STATS; i < (hour + 1) * 60 * STATS; i += STATS) {
        const samples = minutes[i + 3]!;
        if (samples === 0) continue;
        if (minutes[i]! < min) min = minutes[i]!;
        if (minutes[i + 2]! > max) max = minutes[i + 2]!;
        sum += minutes[i + 1]! * samples;
        count += samples;
      }
      const to = hour * STATS;
      hours[to] = min;
      hours[to + 1] = count > 0 ? sum / count : 0;
      hours[to + 2] = max;
      hours[to + 3] = count;
    }
    return hours;
  }

  /** One array of groups of four; groups whose count is 0 are four NULLs. Returns where it ends. */
  private groups(start: number, groups: Float32Array): number {
    let at = start + 24;
    for (let i = 0; i < groups.length; i++) at = this.number(at, groups[i]!, groups[i - (i % STATS) + 3]!);
    return this.head(start, at, groups);
  }

  /** One array of four columns after each other: all lowest, all means, all highest, all counts. Returns where it ends. */
  private columns(start: number, groups: Float32Array): number {
    let at = start + 24;
    for (let k = 0; k < STATS; k++) {
      for (let i = 0; i < groups.length; i += STATS) at = this.number(at, groups[i + k]!, groups[i + 3]!);
    }
    return this.head(start, at, groups);
  }

  private number(at: number, value: number, count: number): number {
    if (count === 0) {
      this.view.setInt32(at, -1);
      return at + 4;
    }
    this.view.setInt32(at, 4);
    this.view.setFloat32(at + 4, value);
    return at + 8;
  }

  private head(start: number, end: number, { length }: Float32Array): number {
    const view = this.view;
    view.setInt32(start, end - start - 4);
    view.setInt32(start + 4, 1);
    view.setInt32(start + 8, end - start - 24 < length * 8 ? 1 : 0);
    view.setInt32(start + 12, FLOAT4_OID);
    view.setInt32(start + 16, length);
    view.setInt32(start + 20, 1);
    return end;
  }

  private reserve(bytes: number): void {
    if (this.offset + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.offset + bytes));
    this.buffer.copy(larger, 0, 0, this.offset);
    this.buffer = larger;
    this.view = new DataView(larger.buffer);
  }
}
