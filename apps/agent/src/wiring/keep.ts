import { join } from 'node:path';
import type { Clock } from '../clock.js';
import type { Settings } from '../config/settings.js';
import { Intake } from '../intake.js';
import { InventoryBook } from '../inventory-book.js';
import type { Log } from '../log.js';
import { Activity } from '../minute/activity.js';
import { MinuteBook } from '../minute/minute-book.js';
import { MinuteJournal } from '../minute/minute-journal.js';
import { ServerClock } from '../minute/server-clock.js';
import { Rejections } from '../session/rejections.js';
import { Spool } from '../spool/spool.js';

/** Where readings go: into the open minute, the history of idleness, the inventory and the spool. */
export interface Keep {
  readonly serverClock: ServerClock;
  readonly inventory: InventoryBook;
  readonly spool: Spool;
  readonly activity: Activity;
  readonly minutes: MinuteJournal;
  readonly book: MinuteBook;
  readonly intake: Intake;
  readonly rejections: Rejections;
}

export function createKeep(settings: Settings, clock: Clock, log: Log): Keep {
  const { stateDir } = settings;
  const serverClock = new ServerClock(clock);
  const inventory = new InventoryBook();
  const spool = new Spool({
    folder: join(stateDir, 'spool'),
    maxBytes: settings.spool.max_mb * 2 ** 20,
    maxAgeMs: settings.spool.max_age_days * 86_400_000,
    memoryBytes: settings.spool.memory_mb * 2 ** 20,
    fsyncMs: settings.spool.fsync_ms,
    clock,
    log,
  });
  const activity = new Activity(join(stateDir, 'activity'), log);
  const minutes = new MinuteJournal(join(stateDir, 'minutes'), log);
  const book = new MinuteBook({
    clock,
    serverClock,
    journal: minutes,
    fsyncS: settings.spool.minute_fsync_s,
    keep: async (closed) => {
      for (const minute of closed) spool.append(minute);
      if (closed[0]) activity.keep(closed[0].minute.minuteS);
      await spool.flush();
    },
  });
  book.intervalS = settings.intervalS;
  const intake = new Intake({ book, activity, inventory, spool, serverClock, log });
  return { serverClock, inventory, spool, activity, minutes, book, intake, rejections: new Rejections(log) };
}
