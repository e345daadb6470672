import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { Db } from '@flotilla/persistence';
import type { DbOptions } from '@flotilla/persistence';

export interface TestDatabase {
  /** Connects as the owner of the schema, who is no superuser. */
  readonly url: string;
  readonly db: Db;
  /** Closes `db` and drops the database. */
  close(): Promise<void>;
}

interface Access {
  readonly template: string;
  readonly owner: string;
  readonly superuser: string;
}

interface OwnServer {
  readonly access: Access;
  stop(): Promise<void>;
}

let ownServer: Promise<OwnServer> | undefined;
let openDatabases = 0;

/**
 * A migrated, empty database of its own on a real PostgreSQL: a copy of the template, some 50 ms.
 *
 * The integration tests share the server of jest's global set-up. Elsewhere (end-to-end tests, benches) the first call
 * starts a server, and closing the last database stops it.
 */
export async function createTestDatabase(options: Omit<DbOptions, 'connectionString'> = {}): Promise<TestDatabase> {
  openDatabases += 1;
  try {
    const access = await findServer();
    const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
    await asSuperuser(access, `CREATE DATABASE ${name} TEMPLATE ${access.template} OWNER flotilla`);
    const url = new URL(access.owner);
    url.pathname = `/${name}`;
    const db = await Db.open({
      readConnections: 4,
      writeConnections: 4,
      ingestConnections: 2,
      systemConnections: 3,
      ...options,
      connectionString: url.href,
    });
    return {
      url: url.href,
      db,
      close: async () => {
        await db.close();
        await asSuperuser(access, `DROP DATABASE ${name} WITH (FORCE)`);
        await leave();
      },
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** Connects as a superuser: for tests of roles, and of what a server offers. Only under jest's integration set-up. */
export function superuserUrl(): string {
  const shared = process.env['FLOTILLA_TEST_POSTGRES'];
  if (!shared) throw new Error('superuserUrl needs the server of the integration tests');
  return (JSON.parse(shared) as Access).superuser;
}

async function findServer(): Promise<Access> {
  const shared = process.env['FLOTILLA_TEST_POSTGRES'];
  if (shared) return JSON.parse(shared) as Access;
  ownServer ??= import('./postgres-server.mjs' as string).then((module: { startTestServer(): Promise<OwnServer> }) =>
    module.startTestServer(),
  );
  return (await ownServer).access;
}

async function leave(): Promise<void> {
  openDatabases -= 1;
  if (openDatabases > 0 || !ownServer) return;
  const server = ownServer;
  ownServer = undefined;
  await (await server.catch(() => undefined))?.stop();
}

async function asSuperuser(access: Access, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: access.superuser });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
