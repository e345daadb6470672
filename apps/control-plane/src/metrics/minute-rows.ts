import { SLOTS, STATS } from '@flotilla/domain';
import type { DeviceMinute, MinuteAggregates } from '@flotilla/domain';

const SIGNATURE = Uint8Array.of(0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00);
const INT2_OID = 21;
const FLOAT4_OID = 700;
/** Between the Unix epoch and PostgreSQL's, in seconds. */
const POSTGRES_EPOCH_S = 946_684_800;
const FIXED_BYTES = 256;

/** The columns that `MinuteRows` writes, in order. */
export const MINUTE_COLUMNS = 'minute, tenant_id, device_id, interval_s, sample_count, metrics, stats, slots';

/**
 * Rows of gpu_minutes in PostgreSQL's binary COPY format.
 *
 * This is the hot loop of the ingest: 720 values a row. One buffer is used over and over; what `bytes` returns is valid
 * until the next `reset`.
 */
export class MinuteRows {
  private buffer = Buffer.allocUnsafeSlow(1 << 20);
  private view = new DataView(this.buffer.buffer);
  private offset = 0;

  /** @param begins the copy: its head goes first */
  reset(begins: boolean): void {
    this.offset = 0;
    if (!begins) return;
    this.buffer.set(SIGNATURE, 0);
    this.buffer.fill(0, SIGNATURE.length, SIGNATURE.length + 8);
    this.offset = SIGNATURE.length + 8;
  }

  add(tenant: Uint8Array, deviceId: number, minute: DeviceMinute, aggregates: MinuteAggregates): void {
    const count = aggregates.metrics.length;
    this.reserve(FIXED_BYTES + count * (6 + STATS * 8 + SLOTS * 8));
    const view = this.view;
    let at = this.offset;
    view.setInt16(at, 8);
    view.setInt32(at + 2, 8);
    view.setBigInt64(at + 6, BigInt(minute.minuteS - POSTGRES_EPOCH_S) * 1_000_000n);
    view.setInt32(at + 14, 16);
    this.buffer.set(tenant, at + 18);
    view.setInt32(at + 34, 4);
    view.setInt32(at + 38, deviceId);
    view.setInt32(at + 42, 4);
    view.setFloat32(at + 46, minute.intervalS);
    view.setInt32(at + 50, 2);
    view.setInt16(at + 54, aggregates.sampleCount);
    at = this.array(at + 56, count * 6, INT2_OID, count);
    for (let m = 0; m < count; m++, at += 6) {
      view.setInt32(at, 2);
      view.setInt16(at + 4, aggregates.metrics[m]!);
    }
    at = this.array(at, count * STATS * 8, FLOAT4_OID, count, STATS);
    const { stats } = aggregates;
    for (let i = 0; i < count * STATS; i++, at += 8) {
      view.setInt32(at, 4);
      view.setFloat32(at + 4, stats[i]!);
    }
    this.offset = this.slots(at, minute, aggregates.rows);
  }

  /** What goes to COPY … FROM STDIN (FORMAT binary). @param ends the copy: its trailer goes last */
  bytes(ends: boolean): Buffer {
    if (!ends) return this.buffer.subarray(0, this.offset);
    this.reserve(2);
    this.view.setInt16(this.offset, -1);
    return this.buffer.subarray(0, this.offset + 2);
  }

  private slots(start: number, minute: DeviceMinute, rows: readonly number[]): number {
    const { seconds, values } = minute;
    const view = this.view;
    const width = seconds.length;
    let at = this.array(start, 0, FLOAT4_OID, rows.length, SLOTS);
    let nulls = 0;
    for (const row of rows) {
      let i = row * width;
      let s = 0;
      for (let second = 0; second < SLOTS; second++) {
        if (s < width && seconds[s] === second) {
          const value = values[i]!;
          s++;
          i++;
          if (value === value) {
            view.setInt32(at, 4);
            view.setFloat32(at + 4, value);
            at += 8;
            continue;
          }
        }
        view.setInt32(at, -1);
        at += 4;
        nulls++;
      }
    }
    view.setInt32(start, at - start - 4);
    if (nulls > 0) view.setInt32(start + 8, 1);
    return at;
  }

  /** The head of an array field: its length in bytes, dimensions, no NULLs, element type. Returns where its elements begin. */
  private array(at: number, elementBytes: number, oid: number, ...dimensions: readonly number[]): number {
    const view = this.view;
    view.setInt32(at, 12 + dimensions.length * 8 + elementBytes);
    view.setInt32(at + 4, dimensions.length);
    view.setInt32(at + 8, 0);
    view.setInt32(at + 12, oid);
    let end = at + 16;
    for (const dimension of dimensions) {
      view.setInt32(end, dimension);
      view.setInt32(end + 4, 1);
      end += 8;
    }
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

/** The sixteen bytes of a uuid. */
export function uuidBytes(uuid: string): Uint8Array {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}
