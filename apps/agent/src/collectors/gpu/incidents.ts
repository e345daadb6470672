import type { CollectorEvent, GpuSignals, Sink } from '../collector.js';

interface Trouble {
  rows: number;
  reported: 'none' | 'partial' | 'dead';
}

/** Words that leave no doubt at the first sight; others must last, because a loop may stumble once. */
const DEFINITE = /GPU is lost|requires reset/i;
const LASTING_ROWS = 3;

/** Turns what readings show into events, one per incident and not one per reading. */
export class Incidents {
  private readonly troubles = new Map<string, Trouble>();

  constructor(private readonly sink: Pick<Sink, 'event'>) {}

  /** A GPU's newest reading: reports the beginning and the end of an episode of faults. */
  reading(device: string, { unanswered, fault }: GpuSignals): void {
    const words = unanswered ?? fault;
    if (words !== undefined) return this.fault(device, unanswered !== undefined, words);
    const trouble = this.troubles.get(device);
    if (trouble) this.troubles.delete(device);
    if (trouble && trouble.reported !== 'none') {
      this.emit('gpu_recovered', 'low', device, `GPU ${device} answers again.`);
    }
  }

  /** The GPU cannot be read: by its reading, or by an error line in its place. */
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
