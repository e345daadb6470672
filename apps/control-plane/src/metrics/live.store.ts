import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import type { LiveValues } from './ingest.types.js';

/** NOTIFY after live values were written; payload: nothing (look at gpu_live). */
export const LIVE_CHANNEL = 'flotilla_live';
const EVERY_MS = 5_000;
/** More devices than that without a write are no fleet but a flood: what does not fit is dropped, it is lossy anyway. */
const DEVICES_MAX = 50_000;
const AHEAD_MAX_MS = 5 * 60_000;

/**
 * The newest values of each device on their way to gpu_live: the last one wins, all devices of the last five seconds are
 * one statement. What cannot be written is forgotten: the next values come soon.
 */
@Injectable()
export class LiveStore implements OnApplicationShutdown {
  private newest = new Map<string, LiveValues>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private lastWriteMs = 0;
  /** Writes that failed since the start. */
  failures = 0;

  constructor(private readonly db: Db) {}

  take(values: readonly LiveValues[]): void {
    for (const value of values) {
      if (value.atMs > Date.now() + AHEAD_MAX_MS || value.metrics.length !== value.values.length) continue;
      const key = `${value.tenantId}/${value.deviceId}`;
      const before = this.newest.get(key);
      if (before ? before.atMs > value.atMs : this.newest.size >= DEVICES_MAX) continue;
      this.newest.set(key, value);
    }
    if (this.timer || this.newest.size === 0) return;
    const waitMs = Math.max(0, this.lastWriteMs + EVERY_MS - Date.now());
    this.timer = setTimeout(() => void this.flush(), waitMs);
    this.timer.unref();
  }

  /** Writes what waits now. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.write()).catch(() => void this.failures++);
    return this.writing;
  }

  onApplicationShutdown(): Promise<void> {
    return this.flush();
  }

  private async write(): Promise<void> {
    const values = [...this.newest.values()].sort((a, b) => a.deviceId - b.deviceId);
    this.newest = new Map();
    this.lastWriteMs = Date.now();
    if (values.length === 0) return;
    let end = 0;
    const ends = values.map((v) => (end += v.metrics.length));
    await this.db.ingest(async (tx) => {
      await tx.rows(UPSERT, [
        values.map((v) => v.tenantId),
        values.map((v) => v.deviceId),
        values.map((v) => v.atMs / 1000),
        values.map((v, i) => ends[i]! - v.metrics.length + 1),
        ends,
        values.flatMap((v) => v.metrics),
        values.flatMap((v) => Array.from(v.values, (x) => (Number.isFinite(x) ? x : null))),
      ]);
      await tx.notify(LIVE_CHANNEL, '');
    });
  }
}

// a device that was deleted meanwhile, or belongs to another tenant, falls out with the join
const UPSERT = `
  INSERT INTO flotilla.gpu_live AS l (tenant_id, device_id, at, metrics, readings)
  SELECT u.t, u.d, to_timestamp(u.at), ($6::smallint[])[u.low:u.high], ($7::real[])[u.low:u.high]
  FROM unnest($1::uuid[], $2::integer[], $3::float8[], $4::integer[], $5::integer[]) AS u (t, d, at, low, high)
  JOIN flotilla.devices d ON d.tenant_id = u.t AND d.id = u.d
  WHERE u.low <= u.high
  ON CONFLICT (tenant_id, device_id) DO UPDATE SET at = excluded.at, metrics = excluded.metrics, readings = excluded.readings
  WHERE excluded.at >= l.at`;
