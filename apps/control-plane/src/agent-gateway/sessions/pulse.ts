import type { Heartbeat, Spool } from '@flotilla/contracts/agent';
import type { AgentRef } from '@flotilla/domain';
import { cleanText } from '../grpc/text.js';
import { clockSkewMs } from './session-rules.js';
import type { Pulse } from './sessions.store.js';

const STATES = ['ok', 'degraded', 'failed', 'unavailable'];
const COLLECTORS_MAX = 50;

/** Gathers what is new about a stream between two writes of its lease. */
export class PulseRecord {
  private heardAtMs: number;
  private writtenAtMs: number;
  private clockSkew: number | null = null;
  private spool: Spool | null = null;
  private collectorsJson: string | null = null;
  private newestMinuteS: number | null = null;
  private rejectedEntries = 0;
  private futureSamples = 0;
  private lastError: string | null = null;
  degraded = false;

  constructor(nowMs: number) {
    this.heardAtMs = nowMs;
    this.writtenAtMs = nowMs;
  }

  heard(nowMs: number): void {
    this.heardAtMs = nowMs;
  }

  silentMs(nowMs: number): number {
    return Math.max(0, nowMs - this.heardAtMs);
  }

  heartbeat(beat: Heartbeat, nowMs: number): void {
    this.clockSkew = clockSkewMs(beat.nowMs, nowMs);
    if (beat.spool) {
      this.spool = beat.spool;
      this.degraded = beat.spool.degraded;
    }
    this.collectorsJson = JSON.stringify(
      beat.collectors.slice(0, COLLECTORS_MAX).map((one) => ({
        name: cleanText(one.name, 64) ?? 'unnamed',
        state: STATES.includes(one.state) ? one.state : 'unknown',
        message: cleanText(one.message, 500),
      })),
    );
  }

  stored(minuteS: number | null, rejected: number, futureSamples: number, error: string | null): void {
    if (minuteS !== null) this.newestMinuteS = Math.max(this.newestMinuteS ?? 0, minuteS);
    this.rejectedEntries += rejected;
    this.futureSamples += futureSamples;
    if (error !== null) this.lastError = cleanText(error, 500);
  }

  error(message: string): void {
    this.lastError = cleanText(message, 500);
  }

  /** What to write now, or null when nothing was heard since the last time. */
  take(agent: AgentRef, epoch: number, nowMs: number, everyMs: number): Pulse | null {
    if (this.heardAtMs <= this.writtenAtMs || nowMs - this.writtenAtMs < everyMs) return null;
    const spool = this.spool;
    const pulse: Pulse = {
      ...agent,
      epoch,
      silentMs: Math.round(this.silentMs(nowMs)),
      clockSkewMs: this.clockSkew,
      bufferedEntries: spool && (spool.newestSeq === 0 ? 0 : bounded(spool.newestSeq - spool.oldestSeq + 1)),
      bufferedBytes: spool && bounded(spool.bytes),
      droppedEntries: spool && bounded(spool.droppedEntries),
      degraded: this.degraded,
      collectorsJson: this.collectorsJson,
      newestMinuteS: this.newestMinuteS,
      rejectedEntries: this.rejectedEntries,
      futureSamples: this.futureSamples,
      lastError: this.lastError,
    };
    this.writtenAtMs = nowMs;
    this.collectorsJson = null;
    this.rejectedEntries = 0;
    this.futureSamples = 0;
    this.lastError = null;
    return pulse;
  }
}

const bounded = (value: number): number => Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.trunc(value)));
