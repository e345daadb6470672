import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { findBinaries } from './binaries.js';
import type { Binaries } from './binaries.js';
import { initialise, readSecrets, writeConfiguration } from './cluster.js';
import type { Secrets } from './cluster.js';
import { ensureDatabase, socketUrl } from './database.js';
import { explainIo } from './error.js';
import { lockSupervisor } from './lock.js';
import { preparePlaces } from './places.js';
import type { Places } from './places.js';
import { pause } from './processes.js';
import { halt, launch, limitLog, stopOrphans } from './server.js';

export interface EmbeddedPostgresOptions {
  /** The data lie in `<dataDir>/postgres`. */
  readonly dataDir: string;
  /** Settings that win over ours, for tests and measurements. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What the supervisor does and why, one line each. */
  readonly onEvent?: (level: 'info' | 'warn' | 'error', line: string) => void;
}

const LONGEST_BACK_OFF_MS = 10_000;

/**
 * A PostgreSQL server of our own: made at the first start, reached over a unix socket only, started again when it
 * dies, stopped with us. It runs the programs that npm brought (or an installed PostgreSQL ≥ 15), as root under an
 * unprivileged user.
 *
 * The connection string stays the same over every crash and restart.
 */
export class EmbeddedPostgres {
  private child: ChildProcess | null = null;
  private stopping = false;
  private restarting: Promise<void> | null = null;
  private stopped: Promise<void> | null = null;
  private readonly onExit = () => void this.child?.kill('SIGINT');
  private logTimer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly places: Places,
    private readonly binaries: Binaries,
    private readonly secrets: Secrets,
    private readonly unlock: () => void,
    private readonly note: NonNullable<EmbeddedPostgresOptions['onEvent']>,
  ) {}

  /**
   * Starts the server; what a crash left behind is stopped and recovered from first.
   *
   * @throws EmbeddedPostgresError a sentence with the mend
   */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const note = options.onEvent ?? (() => undefined);
    let places = preparePlaces(options.dataDir);
    let unlock: () => void = () => undefined;
    try {
      unlock = await lockSupervisor(join(places.home, 'supervisor.lock'), options.dataDir);
      await stopOrphans(places, (line) => note('warn', line));
      const binaries = findBinaries(places.major, places.user, places.programs);
      const secrets = readSecrets(places);
      if (places.major === null) {
        note('info', `making a new database with ${binaries.origin} in ${places.home}`);
        await initialise(places, binaries, secrets);
        places = { ...places, major: binaries.major };
      }
      writeConfiguration(places, options.settings ?? {});
      const server = new EmbeddedPostgres(places, binaries, secrets, unlock, note);
      await server.launch();
      await ensureDatabase(places.socket, secrets).catch(async (error: unknown) => {
        await server.stop();
        throw error;
      });
      return server;
    } catch (error) {
      unlock();
      throw explainIo(error, 'use the data folder', places.home) ?? error;
    }
  }

  /** For the control plane: the owner of the database `flotilla`, who may make roles and is no superuser. */
  get url(): string {
    return this.urlOf('flotilla');
  }

  urlOf(database: string): string {
    return socketUrl(this.places.socket, 'flotilla', this.secrets.owner, database);
  }

  /** For making further databases and for measurements: the superuser. */
  get superuserUrl(): string {
    return socketUrl(this.places.socket, 'postgres', this.secrets.superuser, 'postgres');
  }

  /** The server's process; null while it is being started again. */
  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  get version(): string {
    return `PostgreSQL ${this.binaries.major} (${this.binaries.origin})`;
  }

  /** Where the server's files lie, for messages. */
  get home(): string {
    return this.places.home;
  }

  /** Fast shutdown: open transactions are rolled back, what was committed is safe. Safe to call twice. */
  stop(): Promise<void> {
    this.stopped ??= (async () => {
      this.stopping = true;
      clearInterval(this.logTimer);
      await this.restarting;
      if (this.child) await halt(this.child, this.places);
      this.child = null;
      process.off('exit', this.onExit);
      this.unlock();
    })();
    return this.stopped;
  }

  private async launch(): Promise<void> {
    const child = await launch(
      this.places,
      this.binaries,
      (line) => this.note('warn', line),
      () => this.stopping,
    );
    this.child = child;
    child.once('exit', (code, signalName) => {
      this.child = null;
      if (this.stopping) return;
      this.note('error', `PostgreSQL ended (${signalName ?? `exit code ${code}`}); starting it again`);
      this.restarting = this.restart().finally(() => (this.restarting = null));
    });
    if (this.logTimer) return;
    process.once('exit', this.onExit);
    this.logTimer = setInterval(() => limitLog(this.places.log), 60_000).unref();
  }

  /** For ever: a full disk or a killed server is no reason to give up, the database may come back. */
  private async restart(): Promise<void> {
    for (let wait = 200; !this.stopping; wait = Math.min(LONGEST_BACK_OFF_MS, wait * 2)) {
      try {
        await stopOrphans(this.places, (line) => this.note('warn', line));
        await this.launch();
        this.note('info', 'PostgreSQL takes connections again');
        return;
      } catch (error) {
        if (this.stopping) return;
        this.note('error', `${(error as Error).message}; next attempt in ${wait} ms`);
        for (const end = performance.now() + wait; performance.now() < end && !this.stopping;) await pause(50);
      }
    }
  }
}
