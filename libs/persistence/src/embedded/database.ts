import pg from 'pg';
import { SUPERUSER } from './cluster.js';
import type { Secrets } from './cluster.js';
import { EmbeddedPostgresError } from './error.js';

/** A connection string to the server behind this socket folder. */
export function socketUrl(socketFolder: string, user: string, password: string, database: string): string {
  const word = encodeURIComponent;
  return `postgresql://${word(user)}:${word(password)}@localhost/${word(database)}?host=${word(socketFolder)}`;
}

/**
 * Makes the role that owns everything of Flotilla, and its database. It is no superuser, so that row-level security
 * and grants mean the same here as on a managed PostgreSQL.
 */
export async function ensureDatabase(socketFolder: string, secrets: Secrets): Promise<void> {
  const client = new pg.Client({
    host: socketFolder,
    user: SUPERUSER,
    password: secrets.superuser,
    database: 'postgres',
    connectionTimeoutMillis: 10_000,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ role: boolean; database: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flotilla') AS role,
              EXISTS (SELECT FROM pg_database WHERE datname = 'flotilla') AS database`,
    );
    if (!rows[0]?.role) {
      await client.query(
        `CREATE ROLE flotilla LOGIN CREATEROLE NOSUPERUSER PASSWORD ${pg.escapeLiteral(secrets.owner)}`,
      );
    }
    if (!rows[0]?.database) await client.query('CREATE DATABASE flotilla OWNER flotilla');
  } catch (error) {
    if ((error as { code?: string }).code === '28P01') {
      throw new EmbeddedPostgresError(
        'the password of the embedded database is not the one in postgres/passwords.json below the data folder: restore that file',
      );
    }
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
