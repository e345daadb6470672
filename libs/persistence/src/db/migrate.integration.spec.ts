import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { superuserUrl } from '../../../../test/support/database.js';
import { migrate, MIGRATIONS_FOLDER } from './migrate.js';

/** A new role that owns a new, empty database. */
async function ownedDatabase(privileges: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  const asSuperuser = async (...statements: string[]) => {
    const client = new pg.Client({ connectionString: superuserUrl() });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  await asSuperuser(
    `CREATE ROLE ${name} LOGIN NOSUPERUSER PASSWORD 'word' ${privileges}`,
    `CREATE DATABASE ${name} OWNER ${name}`,
  );
  const url = new URL(superuserUrl());
  url.username = name;
  url.password = 'word';
  url.pathname = `/${name}`;
  return {
    url: url.href,
    // without FORCE: it waits for connections that are just closing
    drop: () => asSuperuser(`DROP DATABASE ${name}`, `DROP ROLE ${name}`),
  };
}

describe('the migrations', () => {
  it('run once, as an owner who may create roles', async () => {
    const database = await ownedDatabase('CREATEROLE IN ROLE flotilla_app, flotilla_ingest, flotilla_system');
    try {
      expect(await migrate(database.url)).toContain('0001_core');
      expect(await migrate(database.url)).toEqual([]);
    } finally {
      await database.drop();
    }
  });

  it('run as an owner who may not create roles, where the roles exist and are granted', async () => {
    const database = await ownedDatabase('NOCREATEROLE IN ROLE flotilla_app, flotilla_ingest, flotilla_system');
    try {
      expect(await migrate(database.url)).toContain('0001_core');
    } finally {
      await database.drop();
    }
  });

  it('say what is missing where the roles are not granted', async () => {
    const database = await ownedDatabase('NOCREATEROLE');
    try {
      await expect(migrate(database.url)).rejects.toThrow(
        /^the role test_\w+ may not become the role flotilla_app: run as a superuser: GRANT flotilla_app TO test_\w+;$/,
      );
    } finally {
      await database.drop();
    }
  });

  it('run in an installation that has migrations of higher numbers already', async () => {
    const database = await ownedDatabase('NOCREATEROLE IN ROLE flotilla_app, flotilla_ingest, flotilla_system');
    const owner = new pg.Client({ connectionString: database.url });
    try {
      await migrate(database.url);
      const name = '0024_tenant_policy_once';
      const [, down] = readFileSync(join(MIGRATIONS_FOLDER, `${name}.sql`), 'utf8').split('-- Down Migration');
      await owner.connect();
      await owner.query(down!);
      await owner.query('DELETE FROM public.flotilla_migrations WHERE name = $1', [name]);
      expect(await migrate(database.url)).toEqual([name]);
    } finally {
      await owner.end();
      await database.drop();
    }
  });

  it('go down one by one, and up again', async () => {
    const database = await ownedDatabase('NOCREATEROLE IN ROLE flotilla_app, flotilla_ingest, flotilla_system');
    try {
      const up = await migrate(database.url);
      const silent = () => undefined;
      for (const name of [...up].reverse()) {
        const [down] = await runner({
          databaseUrl: database.url,
          dir: MIGRATIONS_FOLDER,
          direction: 'down',
          count: 1,
          migrationsTable: 'flotilla_migrations',
          log: silent,
          logger: { debug: silent, info: silent, warn: silent, error: silent },
        });
        expect(down?.name).toBe(name);
      }
      expect(await migrate(database.url)).toEqual(up);
    } finally {
      await database.drop();
    }
  });
});
