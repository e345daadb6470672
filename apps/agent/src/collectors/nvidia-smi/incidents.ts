import type { Clock } from '../../clock.js';
import type { CollectorEvent, Reading, Sink } from '../collector.js';
import { faultWords, isDead } from './reading.js';
import type { Row } from './rows.js';

interface Trouble {
  rows: number;
  reported: 'none' | 'partial' | 'dead';
}

/** Words that leave no doubt at the first sight; others must last, because a loop may stumble once. */
const DEFINITE = /GPU is lost|requires reset/i;
const LASTING_ROWS = 3;
const SAME_XID_MS = 60_000;

/** Turns what rows and stray lines show into events, one per incident and not one per line. */
export class Incidents {
  private readonly troubles = new Map<string, Trouble>();
  private readonly xids = new Map<string, { count: number; sinceMs: number }>();

  constructor(
    private readonly sink: Pick<Sink, 'event'>,
    private readonly clock: Clock,
  ) {}

  /** A GPU's newest row: reports the beginning and the end of an episode of faults. */
  row(device: string, row: Row, values: ReadonlyMap<number, Reading>): void {
    const dead = isDead(values);
    const words = faultWords(row);
    const trouble = this.troubles.get(device);
    if (words === undefined) {
      if (trouble) this.troubles.delete(device);
      if (trouble && trouble.reported !== 'none') {
        this.emit('gpu_recovered', 'low', device, `GPU ${device} answers again.`);
      }
      return;
    }
    this.fault(device, dead, words);
  }

  /** The GPU cannot be read: by its row, or by an error line in its place. */
  fault(device: string, dead: boolean, words: string): void {
    const trouble = this.troubles.get(device) ?? { rows: 0, reported: 'none' };
    this.troubles.set(device, trouble);
    trouble.rows += 1;
    if (trouble.rows < LASTING_ROWS && !DEFINITE.test(words)) return;
    if (trouble.reported === 'dead' || (trouble.reported === 'partial' && !dead)) return;
    trouble.reported = dead ? 'dead' : 'partial';
    const message = dead
      ? `GPU ${device} answers nothing: the driver says ${words}. Jobs on it are probably dead; reset the GPU or reboot the host.`
      : `GPU ${device} fails to answer some readings: the driver says ${words}.`;
    this.emit('gpu_fault', dead ? 'critical' : 'high', device, message, { words });
  }

  /** An Xid that the tool printed. A flood of the same code is one event a minute with its count. */
  xid(device: string, busId: string, code: number, line: string): void {
    const key = `${device || busId}/${code}`;
    const now = this.clock.monotonicMs();
    const seen = this.xids.get(key);
    if (seen && now - seen.sinceMs < SAME_XID_MS) {
      seen.count += 1;
      return;
    }
    const before = seen ? seen.count : 0;
    if (this.xids.size > 1_000) this.xids.clear();
    this.xids.set(key, { count: 0, sinceMs: now });
    const message = `The driver reports Xid ${code}${busId ? ` on the GPU at ${busId}` : ''}${before ? ` (and ${before} more in the minute before)` : ''}.`;
    this.emit('xid', 'high', device, message, { xid: code, bus_id: busId, line, repeated: before });
  }

  private emit(
    kind: string,
    severity: CollectorEvent['severity'],
    device: string,
    message: string,
    details?: Readonly<Record<string, unknown>>,
  ): void {
    this.sink.event({ kind, severity, device, message, ...(details ? { details } : {}) });
  }
}
