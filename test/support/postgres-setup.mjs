/**
 * Jest's global set-up of the integration tests: one embedded PostgreSQL for the run, with a migrated template
 * database that every createTestDatabase() copies.
 *
 * FLOTILLA_TEST_POSTGRES names a server that runs already, for example one with TimescaleDB or of another major version:
 * {"template": "flotilla", "owner": "postgresql://flotilla@…/flotilla", "superuser": "postgresql://postgres@…/postgres"}.
 * The owner is a role `flotilla` with CREATEROLE that owns the template. TimescaleDB's workers hold the template open:
 * timescaledb.max_background_workers = 0 keeps them away.
 */
import { migrateTemplate, startTestServer } from './postgres-server.mjs';

export default async function setup() {
  const given = process.env.FLOTILLA_TEST_POSTGRES;
  if (given) return migrateTemplate(JSON.parse(given));
  const server = await startTestServer();
  globalThis.__flotillaTestServer = server;
  process.env.FLOTILLA_TEST_POSTGRES = JSON.stringify(server.access);
}
