import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { frame, wholeFrames } from '../spool/frame.js';
import { apply, recordsOf } from './action-state.js';
import type { ActionRecord, Actions, ActionState } from './action-state.js';

const KEEP_MS = 7 * 86_400_000;

/**
 * What this host accepted to do and how it ended, on disk. Every line is durable before `write` returns: an action is
 * never begun, nor its end reported, before the journal says so. Ids are kept seven days, so that an action that is
 * offered again never runs again.
 */
export class ActionJournal {
  private readonly actions = new Map<string, ActionState>();
  private fd: number | null = null;
  private end = 0;

  /** @throws when the file cannot be read or written: then no action may be accepted */
  constructor(
    private readonly path: string,
    nowMs: number,
  ) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    for (const record of readRecords(path)) apply(this.actions, record);
    for (const [id, state] of this.actions) {
      const at = state.outcomeAtMs ?? state.acceptedAtMs;
      if (at < nowMs - KEEP_MS) this.actions.delete(id);
    }
    this.rewrite();
  }

  get all(): Actions {
    return this.actions;
  }

  get(id: string): ActionState | undefined {
    return this.actions.get(id);
  }

  /** @throws when the disk takes nothing; the record counts as not written then */
  write(record: ActionRecord): void {
    if (this.fd === null) throw new Error('the action journal is closed');
    const bytes = frame(Buffer.from(JSON.stringify(record)));
    // at a position and not appended: what a failed write left is written over by the next one
    let done = 0;
    while (done < bytes.length) done += writeSync(this.fd, bytes, done, bytes.length - done, this.end + done);
    fdatasyncSync(this.fd);
    this.end += bytes.length;
    apply(this.actions, record);
  }

  close(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }

  private rewrite(): void {
    const fresh = `${this.path}.new`;
    const fd = openSync(fresh, 'w', 0o600);
    let end = 0;
    for (const [id, state] of this.actions) {
      for (const record of recordsOf(id, state)) {
        end += writeSync(fd, frame(Buffer.from(JSON.stringify(record))), 0, null, end);
      }
    }
    fsyncSync(fd);
    renameSync(fresh, this.path);
    syncFolder(dirname(this.path));
    this.fd = fd;
    this.end = end;
  }
}

function readRecords(path: string): ActionRecord[] {
  try {
    return wholeFrames(readFileSync(path)).payloads.map((payload) => JSON.parse(payload.toString()) as ActionRecord);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
