import pg from 'pg';

/**
 * Closes a test database to new connections and ends the open ones while `work` runs: what a stopped PostgreSQL looks
 * like to a pool. Only under jest's integration set-up, whose server the superuser's address belongs to.
 */
export async function withoutDatabase(databaseUrl: string, work: () => Promise<void>): Promise<void> {
  const access = JSON.parse(process.env['FLOTILLA_TEST_POSTGRES'] ?? '{}') as { superuser?: string };
  if (!access.superuser) throw new Error('withoutDatabase needs the server of the integration tests');
  const name = new URL(databaseUrl).pathname.slice(1);
  const client = new pg.Client({ connectionString: access.superuser });
  await client.connect();
  try {
    await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    await work();
  } finally {
    await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await client.end();
  }
}
