import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { DropReason } from './entry.js';
import { frame, wholeFrames } from './frame.js';
import type { DroppedRange } from './store.js';

interface LoggedRange extends DroppedRange {
  /** Its account was handed out for sending: from then on it reads the same. */
  readonly sent?: true;
}

/**
 * Which ranges of the sequence are gone and why, kept in a small file beside the segments. Best effort: a range that
 * could not be written is found again as `unreadable` after a restart, because no segment holds it.
 */
export class DropLog {
  private unwritten = false;
  private ranges: LoggedRange[] = [];
  /** Entries dropped since the sequence began, acknowledged or not. */
  entries = 0;

  constructor(private readonly path: string) {
    try {
      for (const payload of wholeFrames(readFileSync(path)).payloads) {
        const line = JSON.parse(payload.toString()) as { total: number; range?: LoggedRange };
        this.entries = line.total;
        if (line.range) this.ranges.push(line.range);
      }
    } catch {
      // none yet, or unreadable: the sequence itself tells what is missing
    }
  }

  get firstSeq(): number | undefined {
    return this.ranges[0]?.firstSeq;
  }

  at(seq: number): DroppedRange | undefined {
    return this.ranges.find((range) => range.firstSeq <= seq && seq <= range.lastSeq);
  }

  /** The account of the range that begins here goes out. Written down before it does. */
  sending(firstSeq: number): void {
    const at = this.ranges.findIndex((range) => range.firstSeq === firstSeq);
    const range = this.ranges[at];
    if (!range || range.sent) return;
    this.ranges[at] = { ...range, sent: true };
    this.rewrite();
  }

  /**
   * The receiver has everything up to `throughSeq`, which was not known here when ranges were dropped (right after a
   * start, before the first connection). What it has is not lost: a range whose account was never sent begins behind it.
   */
  correct(throughSeq: number): void {
    const before = this.entries;
    this.ranges = this.ranges.flatMap((range) => {
      if (range.sent || range.firstSeq > throughSeq) return [range];
      this.entries -= Math.min(throughSeq, range.lastSeq) - range.firstSeq + 1;
      return range.lastSeq > throughSeq ? [{ ...range, firstSeq: throughSeq + 1 }] : [];
    });
    if (this.entries !== before) this.rewrite();
  }

  add(firstSeq: number, lastSeq: number, reason: DropReason, fromMinuteS = 0, toMinuteS = 0): void {
    const range = { firstSeq, lastSeq, reason, fromMinuteS, toMinuteS };
    this.ranges.push(range);
    this.ranges.sort((a, b) => a.firstSeq - b.firstSeq);
    this.entries += lastSeq - firstSeq + 1;
    try {
      appendFileSync(this.path, frame(Buffer.from(JSON.stringify({ total: this.entries, range }))), { mode: 0o600 });
    } catch {
      this.unwritten = true;
    }
  }

  /** Writes again what could not be written, for example now that a dropped segment made room. */
  persist(): void {
    if (this.unwritten) this.rewrite();
  }

  /** Forgets the ranges up to `throughSeq`, which are acknowledged. */
  forget(throughSeq: number): void {
    const kept = this.ranges.filter((range) => range.lastSeq > throughSeq);
    if (kept.length === this.ranges.length) return;
    this.ranges = kept;
    this.rewrite();
  }

  private rewrite(): void {
    const lines = [{ total: this.entries }, ...this.ranges.map((range) => ({ total: this.entries, range }))];
    try {
      writeFileSync(`${this.path}.new`, Buffer.concat(lines.map((line) => frame(Buffer.from(JSON.stringify(line))))));
      renameSync(`${this.path}.new`, this.path);
      this.unwritten = false;
    } catch {
      this.unwritten = true;
    }
  }
}
