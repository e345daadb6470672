import { readdirSync } from 'node:fs';
import pg from 'pg';
import { Db, EmbeddedPostgres, migrate, MIGRATIONS_FOLDER } from '@flotilla/persistence';
import { ENTITIES } from './entities.js';
import { withoutSecrets } from './platform/index.js';
import type { Config, Log } from './platform/index.js';
import { StartError } from './start-error.js';

export interface OpenedDatabase {
  readonly db: Db;
  /** How another replica on this machine reaches the same database. */
  readonly url: string;
  /** For the log: which PostgreSQL this is. */
  readonly version: string;
  /** Closes every connection, then stops the embedded server. */
  close(): Promise<void>;
}

const OLDEST_VERSION = 15;
/** An outside database may start at the same time as we do. */
const REACHABLE_WITHIN_MS = 15_000;
const CLOSE_WITHIN_MS = 2_000;

/**
 * Starts the embedded PostgreSQL or finds the outside one, migrates, and opens the door to it.
 *
 * @throws StartError, EmbeddedPostgresError
 */
export async function openDatabase(config: Config, parentLog: Log): Promise<OpenedDatabase> {
  const log = parentLog.child('database');
  const embedded =
    config.databaseUrl === null
      ? await EmbeddedPostgres.start({
          dataDir: config.dataDir,
          onEvent: (level, line) => log[level]({}, line),
          // the demo promises to stay below 500 MB
          ...(config.demo && { settings: { max_wal_size: '160MB', min_wal_size: '80MB' } }),
        })
      : null;
  try {
    const url = embedded?.url ?? config.databaseUrl ?? '';
    const version = await check(url, log);
    for (const name of await migrateOrExplain(url, log)) log.info({ migration: name }, 'the schema was migrated');
    const db = await Db.open({
      connectionString: url,
      entities: ENTITIES,
      onError: (error) => log.warn({ err: error }, 'a connection to the database was lost'),
    });
    return {
      db,
      url,
      version: embedded?.version ?? version,
      close: async () => {
        await within(CLOSE_WITHIN_MS, db.close());
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

/** Waits for the database, and looks whether it is one that we can work with. */
async function check(url: string, log: Log): Promise<string> {
  const client = await connect(url, log);
  try {
    const { rows } = await client.query<{
      version: string;
      number: number;
      known: boolean;
      role: string;
      able: boolean;
    }>(
      `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
              to_regclass('public.flotilla_migrations') IS NOT NULL AS known, r.rolname AS role,
              r.rolcreaterole OR r.rolsuper OR 3 = (SELECT count(*) FROM pg_roles p
                WHERE p.rolname IN ('flotilla_app', 'flotilla_ingest', 'flotilla_system')) AS able
       FROM pg_roles r WHERE r.rolname = current_user`,
    );
    const found = rows[0];
    if (!found) throw new StartError('the database does not tell which role this connection has');
    if (found.number < OLDEST_VERSION * 10_000) {
      throw new StartError(`the database is PostgreSQL ${found.version}; Flotilla needs ${OLDEST_VERSION} or newer`);
    }
    if (!found.able) {
      throw new StartError(
        `the role ${found.role} of FLOTILLA_DATABASE_URL may not create Flotilla's roles: run ALTER ROLE ${pg.escapeIdentifier(found.role)} CREATEROLE as a superuser, ` +
          'or make flotilla_app, flotilla_ingest and flotilla_system and grant them to it',
      );
    }
    if (found.known) await refuseNewerSchema(client);
    return `PostgreSQL ${found.version}`;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connect(url: string, log: Log): Promise<pg.Client> {
  for (const end = performance.now() + REACHABLE_WITHIN_MS; ;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined); // told by the next query
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const { code = '', message } = error as Error & { code?: string };
      const reason = message || code;
      const mayCome = ['ECONNREFUSED', 'ENOENT', 'EAI_AGAIN', 'ENOTFOUND', '57P03', '53300'].includes(code);
      if (!mayCome || performance.now() > end) {
        throw new StartError(
          `the database ${withoutSecrets(url)} cannot be used: ${withoutSecrets(reason)}. Correct FLOTILLA_DATABASE_URL or start that server`,
        );
      }
      log.warn({}, `waiting for the database: ${reason}`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

async function refuseNewerSchema(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT m.name FROM public.flotilla_migrations m ORDER BY m.name',
  );
  const own = new Set(readdirSync(MIGRATIONS_FOLDER).map((file) => file.replace(/\.sql$/, '')));
  const newer = rows.map((row) => row.name).filter((name) => !own.has(name));
  if (newer.length > 0) {
    throw new StartError(
      `the database's schema is newer than this program (it has ${newer.at(-1)}): start the Flotilla that migrated it, or a later one`,
    );
  }
}

async function migrateOrExplain(url: string, log: Log): Promise<string[]> {
  try {
    return await migrate(url, (line) => log.warn({}, line));
  } catch (error) {
    throw new StartError(`the database's schema cannot be migrated: ${withoutSecrets((error as Error).message)}`, {
      cause: error,
    });
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
