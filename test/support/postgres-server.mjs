import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

async function builtPersistence() {
  const built = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'libs/persistence'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`libs/persistence does not compile:\n${built.stdout}${built.stderr}`);
  return import('../../libs/persistence/dist/index.js');
}

/**
 * Brings the template database of a server that runs already up to date.
 *
 * @param {{ owner: string }} access `owner`: connection string of the template's owner
 */
export async function migrateTemplate(access) {
  const { migrate } = await builtPersistence();
  await migrate(access.owner);
}

/**
 * Starts an embedded PostgreSQL in a folder of its own, with the migrated database `flotilla` as template.
 *
 * Plain JavaScript on the built libraries, so that jest's global set-up, end-to-end tests and benches can all use it;
 * builds them when they are missing or older than their sources.
 *
 * @param {{ durable?: boolean, settings?: Record<string, string> }} options `durable` keeps fsync on, as in production;
 *   tests do without it, since no test pulls the plug
 * @returns {Promise<{ access: { template: string, owner: string, superuser: string }, server: object, stop: () => Promise<void> }>}
 */
export async function startTestServer({ durable = false, settings = {} } = {}) {
  const { EmbeddedPostgres, migrate } = await builtPersistence();

  const folder = mkdtempSync(join(tmpdir(), 'flotilla-test-'));
  const events = [];
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    // as root the server runs as somebody else, who must get in
    if (process.getuid?.() === 0) chmodSync(folder, 0o755);
    const server = await EmbeddedPostgres.start({
      dataDir: folder,
      settings: {
        max_connections: '400',
        ...(!durable && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '128MB' }),
        ...settings,
      },
      onEvent: (level, line) => events.push(`${level}: ${line}`),
    });
    await migrate(server.url);
    // a run that is cut short leaves nothing behind
    const cutShort = (signal) => {
      void server.stop().then(() => {
        remove();
        process.exit(signal === 'SIGINT' ? 130 : 143);
      });
    };
    process.once('SIGINT', cutShort);
    process.once('SIGTERM', cutShort);
    return {
      access: { template: 'flotilla', owner: server.url, superuser: server.superuserUrl },
      server,
      stop: async () => {
        process.off('SIGINT', cutShort);
        process.off('SIGTERM', cutShort);
        await server.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw new Error(`the PostgreSQL for the tests did not start: ${error.message}\n${events.join('\n')}`, {
      cause: error,
    });
  }
}
