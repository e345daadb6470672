import { accessSync, constants, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { DiskStore } from './disk-store.js';
import { newEpoch } from './epoch.js';

export interface SpoolFolderOptions {
  readonly folder: string;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** `<when it began, ms>-<its wal_epoch, hexadecimal>`: in the order in which they began. */
const FOLDER_NAME = /^\d{15}-[0-9a-f]{14}$/;

/** The folder that holds the sequences of a spool, each in a folder of its own. Nothing here throws. */
export class SpoolFolder {
  constructor(private readonly options: SpoolFolderOptions) {}

  /** The sequences of earlier runs, the oldest first. What cannot be opened is left alone. */
  open(): DiskStore[] {
    const { folder, log } = this.options;
    const stores: DiskStore[] = [];
    let names: string[] = [];
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      names = readdirSync(folder).filter((name) => FOLDER_NAME.test(name));
    } catch (error) {
      log.error({ err: error }, `the spool folder ${folder} cannot be read`);
    }
    for (const name of names.sort()) {
      try {
        stores.push(this.store(name));
      } catch (error) {
        log.error({ err: error }, `the spool in ${join(folder, name)} cannot be opened and is left alone`);
      }
    }
    return stores;
  }

  /** A new sequence on disk, or null when the disk takes nothing now. */
  create(): DiskStore | null {
    const created = String(Math.max(0, Math.floor(this.options.clock.nowMs()))).padStart(15, '0');
    const name = `${created}-${newEpoch().toString(16).padStart(14, '0')}`;
    try {
      const store = this.store(name);
      store.probe();
      return store;
    } catch {
      this.removePath(join(this.options.folder, name));
      return null;
    }
  }

  /** false: read-only, or another user's. A full disk shows only when something is written. */
  get isWritable(): boolean {
    try {
      accessSync(this.options.folder, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  }

  remove(epoch: number): void {
    const end = `-${epoch.toString(16).padStart(14, '0')}`;
    try {
      const name = readdirSync(this.options.folder).find((one) => one.endsWith(end));
      if (name) this.removePath(join(this.options.folder, name));
    } catch (error) {
      this.options.log.debug({ err: error }, 'the spool folder cannot be read; what was sent may be sent again');
    }
  }

  private store(name: string): DiskStore {
    const { folder, maxBytes, clock } = this.options;
    return new DiskStore({
      folder: join(folder, name),
      epoch: Number.parseInt(name.slice(16), 16),
      segmentBytes: Math.min(1 << 20, Math.max(16 << 10, Math.floor(maxBytes / 8))),
      nowMs: () => clock.nowMs(),
    });
  }

  private removePath(path: string): void {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      this.options.log.debug({ err: error }, `${path} could not be removed; what is in it may be sent again`);
    }
  }
}
