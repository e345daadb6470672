import type { CollectorEvent, XidSighting } from './collectors/collector.js';

const SAME_XID_MS = 60_000;

/** Makes events of Xids where nobody judges them: a flood of the same code is one event a minute with its count. */
export class XidEvents {
  private readonly seen = new Map<string, { count: number; sinceMs: number }>();

  /** The event to tell; null for one more of a flood. */
  of({ code, device, busId, line, source }: XidSighting, monotonicMs: number): CollectorEvent | null {
    const key = `${device || busId}/${code}`;
    const before = this.seen.get(key);
    if (before && monotonicMs - before.sinceMs < SAME_XID_MS) {
      before.count += 1;
      return null;
    }
    if (this.seen.size > 1_000) this.seen.clear();
    this.seen.set(key, { count: 0, sinceMs: monotonicMs });
    const repeated = before?.count ?? 0;
    const message = `The driver reports Xid ${code}${busId ? ` on the GPU at ${busId}` : ''}${repeated ? ` (and ${repeated} more in the minute before)` : ''}.`;
    return {
      kind: 'xid',
      severity: 'high',
      device,
      message,
      details: { xid: code, bus_id: busId, line, source, repeated },
    };
  }
}
