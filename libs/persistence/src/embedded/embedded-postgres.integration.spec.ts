import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { EmbeddedPostgresError } from './error.js';
import { identify, processesIn, until } from './processes.js';

const BUILT = pathToFileURL(join(import.meta.dirname, '../../dist/index.js')).href;

describe('EmbeddedPostgres', () => {
  let folder: string;
  const running: EmbeddedPostgres[] = [];
  const children: ChildProcess[] = [];
  const events: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-embedded-'));
    chmodSync(folder, 0o755);
    events.length = 0;
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (dataDir = folder) => {
    const server = await EmbeddedPostgres.start({
      dataDir,
      settings: { fsync: 'off', shared_buffers: '32MB' },
      onEvent: (level, line) => events.push(`${level}: ${line}`),
    });
    running.push(server);
    return server;
  };
  const query = async (url: string, sql: string) => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const eventually = async (url: string, sql: string) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await query(url, sql);
      } catch (error) {
        if (attempt > 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  const startInOtherProcess = async (...under: string[]) => {
    const script = `
      import { EmbeddedPostgres } from ${JSON.stringify(BUILT)};
      const server = await EmbeddedPostgres.start({ dataDir: ${JSON.stringify(folder)} });
      process.send({ url: server.url, pid: server.pid });
      setInterval(() => undefined, 1000);`;
    const [program = '', ...args] = [...under, process.execPath, '--input-type=module', '-e', script];
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
    const ready = await new Promise<{ url: string; pid: number }>((resolve, reject) => {
      child.once('message', (message) => resolve(message as { url: string; pid: number }));
      child.once('exit', (code) => reject(new Error(`the other process ended with ${code}`)));
    });
    child.removeAllListeners('exit');
    return { child, ...ready };
  };
  const dataFolder = () => join(folder, 'postgres', 'data');

  it('keeps the data over a stop, is reached over its socket only, and lets nobody else into that', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE t AS SELECT 7 AS n');
    const [facts] = await query(
      first.url,
      `SELECT current_setting('listen_addresses') AS tcp, current_setting('jit') AS jit, r.rolsuper AS super
       FROM pg_roles r WHERE r.rolname = current_user`,
    );
    expect(facts).toEqual({ tcp: '', jit: 'off', super: false });
    expect(statSync(join(folder, 'postgres', 'socket')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'postgres', 'passwords.json')).mode & 0o777).toBe(0o600);
    const url = first.url;
    await first.stop();
    expect(processesIn(dataFolder()) ?? []).toEqual([]);
    const second = await start();
    expect(second.url).toBe(url);
    expect(await query(second.url, 'SELECT n FROM t')).toEqual([{ n: 7 }]);
  });

  it('lets nobody in without the password', async () => {
    const server = await start();
    const guess = new URL(server.url);
    guess.password = 'guess';
    await expect(query(guess.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it('refuses a second start beside a living one, and leaves the first alone', async () => {
    const first = await start();
    await expect(EmbeddedPostgres.start({ dataDir: folder })).rejects.toThrow(
      /already runs Flotilla on .* second replica/,
    );
    expect(await query(first.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('starts a killed server again under the same address, with everything that was committed', async () => {
    const server = await start();
    await query(server.url, 'CREATE TABLE t AS SELECT 7 AS n');
    const killed = server.pid ?? 0;
    process.kill(killed, 'SIGKILL');
    await until(() => server.pid === null, 5000);
    expect(await eventually(server.url, 'SELECT n FROM t')).toEqual([{ n: 7 }]);
    expect(server.pid).not.toBe(killed);
    expect(events.join('\n')).toContain('PostgreSQL ended (SIGKILL); starting it again');
  });

  it('stops the orphan of a killed supervisor and goes on with its data', async () => {
    const other = await startInOtherProcess();
    await query(other.url, 'CREATE TABLE t AS SELECT 7 AS n');
    other.child.kill('SIGKILL');
    await until(() => identify(other.child.pid ?? 0) === null, 5000);
    expect(identify(other.pid)).not.toBeNull();
    const server = await start();
    expect(events.join('\n')).toContain(`stopping the PostgreSQL server ${other.pid}`);
    expect(identify(other.pid)).toBeNull();
    expect(await query(server.url, 'SELECT n FROM t')).toEqual([{ n: 7 }]);
  });

  const canLoseRights = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;
  (canLoseRights ? it : it.skip)(
    'stops that orphan also as a root who may not look into it, as in a container',
    async () => {
      const other = await startInOtherProcess();
      await query(other.url, 'CREATE TABLE t AS SELECT 7 AS n');
      other.child.kill('SIGKILL');
      await until(() => identify(other.child.pid ?? 0) === null, 5000);
      const restricted = await startInOtherProcess('setpriv', '--bounding-set', '-sys_ptrace');
      expect(identify(other.pid)).toBeNull();
      expect(await query(restricted.url, 'SELECT n FROM t')).toEqual([{ n: 7 }]);
      restricted.child.kill('SIGKILL');
      await start();
    },
  );

  it('recovers when supervisor and server were killed together, backends and all', async () => {
    const other = await startInOtherProcess();
    await query(other.url, 'CREATE TABLE t AS SELECT 7 AS n');
    const client = new pg.Client({ connectionString: other.url });
    client.on('error', () => undefined);
    await client.connect();
    other.child.kill('SIGKILL');
    process.kill(other.pid, 'SIGKILL');
    const server = await start();
    expect(await query(server.url, 'SELECT n FROM t')).toEqual([{ n: 7 }]);
    await client.end().catch(() => undefined);
  });

  it.each([
    ['another process that got', 'echo $$; exec sleep 60'],
    // its parent has become a program that never asks how its children ended
    ['a dead one, not taken away, that has', 'sleep 0 & echo $!; exec sleep 60'],
  ])('is not held up by %s the number of a killed server', async (_, script) => {
    await (await start()).stop();
    // of the server's own user: of a process of somebody else PostgreSQL knows that it is not its own
    const { uid, gid } = statSync(dataFolder());
    const holder = spawn('sh', ['-c', script], { uid, gid, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(holder);
    const number = String((await once(holder.stdout, 'data'))[0]).trim();
    const lock = `${number}\n${dataFolder()}\n0\n5432\n\n\n        0         0\nready   \n`;
    writeFileSync(join(dataFolder(), 'postmaster.pid'), lock);
    writeFileSync(join(folder, 'postgres', 'socket', '.s.PGSQL.5432.lock'), lock);
    const server = await start();
    expect(await query(server.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    expect(events.join('\n')).toContain(`the number ${number} of a killed PostgreSQL server is taken`);
  });

  it('begins anew when the first start was cut short', async () => {
    mkdirSync(join(folder, 'postgres', 'data.new'), { recursive: true });
    writeFileSync(join(folder, 'postgres', 'data.new', 'half'), '');
    const server = await start();
    expect(await query(server.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    expect(readdirSync(join(folder, 'postgres'))).not.toContain('data.new');
  });

  it('puts the socket elsewhere when the path is too long for one', async () => {
    const long = join(folder, 'a'.repeat(60), 'b'.repeat(60));
    const server = await start(long);
    expect(await query(server.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    const socket = new URL(server.url).searchParams.get('host') ?? '';
    expect(socket.length).toBeLessThan(90);
    expect(statSync(socket).mode & 0o777).toBe(0o700);
    await server.stop();
    rmSync(socket, { recursive: true, force: true });
  });

  it('refuses the files of another major version and says what to do', async () => {
    const server = await start();
    await server.stop();
    const version = join(dataFolder(), 'PG_VERSION');
    const real = readFileSync(version, 'utf8');
    writeFileSync(version, '9\n');
    await expect(start()).rejects.toThrow(/written by PostgreSQL 9, but only .* Install PostgreSQL 9/);
    writeFileSync(version, real);
    const again = await start();
    expect(await query(again.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('says in a sentence that the data folder cannot be one', async () => {
    writeFileSync(join(folder, 'file'), '');
    const attempt = start(join(folder, 'file', 'data'));
    await expect(attempt).rejects.toThrow(EmbeddedPostgresError);
    await expect(attempt).rejects.toThrow(/a file and not a folder.*FLOTILLA_DATA_DIR/);
  });

  it('says what is wrong with a setting in local.conf', async () => {
    const server = await start();
    await server.stop();
    writeFileSync(join(folder, 'postgres', 'local.conf'), "shared_buffers = 'plenty'\n");
    await expect(start()).rejects.toThrow(/shared_buffers/);
  });
});
