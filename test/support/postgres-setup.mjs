/**
 * Jest's global set-up of the integration tests: one embedded PostgreSQL for the run, with a migrated template
 * database that every createTestDatabase() copies.
 */
import { startTestServer } from './postgres-server.mjs';

export default async function setup() {
  const server = await startTestServer();
  globalThis.__flotillaTestServer = server;
  process.env.FLOTILLA_TEST_POSTGRES = JSON.stringify(server.access);
}
