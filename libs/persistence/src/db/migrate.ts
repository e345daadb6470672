import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

/** Where the plain-SQL migrations lie, both from sources and from the build. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the schema up to date. Several replicas may call it at once: an advisory lock lets one work and the others wait.
 *
 * @param connectionString of a role that owns the schema and may create roles
 * @returns the names of the migrations that ran now
 */
export async function migrate(
  connectionString: string,
  log: (line: string) => void = () => undefined,
): Promise<string[]> {
  const ran = await runner({
    databaseUrl: connectionString,
    dir: MIGRATIONS_FOLDER,
    direction: 'up',
    // each part of the product numbers its own range, so a new migration may have a lower number than one that ran long ago
    checkOrder: false,
    migrationsTable: 'flotilla_migrations',
    advisoryLockMode: 'wait',
    log: () => undefined,
    logger: { debug: () => undefined, info: () => undefined, warn: log, error: log },
  } as Parameters<typeof runner>[0]);
  return ran.map((migration) => migration.name);
}
