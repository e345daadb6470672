import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedUrl, eventually, freePorts, launchedParts, lookInto, Program } from '../support/launcher.js';

const SERVES = /serves at (http:\S+)/;

describe('npm start', () => {
  let dataDir: string;
  let settings: Record<string, string>;
  let address: string;
  const programs: Program[] = [];

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'flotilla-start-'));
    chmodSync(dataDir, 0o755);
    const [httpPort, grpcPort] = await freePorts(2);
    address = `http://127.0.0.1:${httpPort}`;
    settings = {
      FLOTILLA_DATA_DIR: dataDir,
      FLOTILLA_HTTP_PORT: String(httpPort),
      FLOTILLA_GRPC_PORT: String(grpcPort),
      // this test is about processes; a host without the tool is a host like any other
      FLOTILLA_NVIDIA_SMI: '/nonexistent/nvidia-smi',
    };
  });
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.stop('SIGTERM')));
    for (const pid of survivors()) process.kill(pid, 'SIGKILL');
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  });

  const start = (args: readonly string[] = [], more: Record<string, string> = {}) => {
    const program = Program.run('scripts/start.mjs', args, { ...settings, ...more });
    programs.push(program);
    return program;
  };
  const isRunning = (pid: number) => {
    try {
      return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    } catch {
      return false;
    }
  };
  /** Servers of the embedded database that still work in its folder. */
  const survivors = () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        try {
          return readlinkSync(`/proc/${name}/cwd`).startsWith(dataDir) && isRunning(Number(name));
        } catch {
          return false;
        }
      })
      .map(Number);
  const health = async (path = '/healthz') =>
    (await fetch(`${address}${path}`, { signal: AbortSignal.timeout(2000) })).status;
  const logIn = async (email: string, password: string, at = address) => {
    const response = await fetch(`${at}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    return response.status;
  };
  const ownerOf = async (program: Program) => {
    const [, email = '', password = ''] = await program.says(/First owner +(\S+)\n +Password +(\S+)/);
    return { email, password };
  };

  it('serves, lets its first owner in, runs the agent of this host, and leaves nothing behind', async () => {
    const first = start();
    expect((await first.says(SERVES))[1]).toBe(address);
    await first.says(/curl -fsSL \S+\/agent\/install\.sh \| FLOTILLA_ENROLLMENT_TOKEN=flt_enroll_/);
    const owner = await ownerOf(first);
    expect(await health()).toBe(200);
    expect(await health('/readyz')).toBe(200);
    expect(await logIn(owner.email, owner.password)).toBe(200);
    expect(await logIn(owner.email, `${owner.password}x`)).toBe(401);
    await eventually(async () => {
      const agents = await lookInto(
        embeddedUrl(dataDir),
        'SELECT a.id FROM flotilla.agents a WHERE a.connected_until > now()',
      );
      expect(agents).toHaveLength(1);
    });

    const parts = launchedParts(dataDir);
    expect(parts).toHaveLength(2);
    expect(await first.stop('SIGINT')).toBe(0);
    expect(first.output).toContain('Stopped.');
    expect([...parts.filter(isRunning), ...survivors()]).toEqual([]);

    const second = start();
    const began = performance.now();
    await second.says(/stop with Ctrl-C/);
    expect(performance.now() - began).toBeLessThan(40_000);
    expect(second.output).not.toContain('Password');
    expect(await logIn(owner.email, owner.password)).toBe(200);
    await eventually(async () => {
      const agents = await lookInto(
        embeddedUrl(dataDir),
        'SELECT a.id FROM flotilla.agents a WHERE a.connected_until > now()',
      );
      expect(agents).toHaveLength(1);
    });
  });

  it('starts each part again that is killed', async () => {
    const program = start();
    await program.says(/stop with Ctrl-C/);
    const [controlPlane = 0, agent = 0] = launchedParts(dataDir);
    process.kill(agent, 'SIGKILL');
    await program.says(/The agent ended \(SIGKILL\)/);
    process.kill(controlPlane, 'SIGKILL');
    await program.says(/The control plane ended \(SIGKILL\)/);
    await eventually(async () => expect(await health()).toBe(200));
    await eventually(() => expect(launchedParts(dataDir).filter(isRunning)).toHaveLength(2));
    expect(launchedParts(dataDir)).not.toContain(controlPlane);
  });

  it('takes its parts with it when it is killed, and the next start goes on', async () => {
    const killed = start();
    const owner = await ownerOf(killed);
    await killed.says(/stop with Ctrl-C/);
    const parts = launchedParts(dataDir);
    await killed.stop('SIGKILL');
    const next = start();
    await next.says(/stop with Ctrl-C/);
    expect(parts.filter(isRunning)).toEqual([]);
    expect(await logIn(owner.email, owner.password)).toBe(200);
  });

  it('recovers when everything was killed at once, the database too', async () => {
    const killed = start(['--no-agent']);
    const owner = await ownerOf(killed);
    await killed.says(/stop with Ctrl-C/);
    const everything = [killed.pid, ...launchedParts(dataDir), ...survivors()];
    for (const pid of everything) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // a backend whose server was killed before it
      }
    }
    await killed.ended;
    const next = start(['--no-agent']);
    await next.says(/stop with Ctrl-C/);
    expect(await logIn(owner.email, owner.password)).toBe(200);
  });

  it('refuses to run twice on one data folder', async () => {
    const first = start(['--no-agent']);
    await first.says(/stop with Ctrl-C/);
    const second = start(['--no-agent']);
    expect(await second.ended).toBe(1);
    expect(second.output).toContain(`Flotilla already runs on ${dataDir}`);
    expect(await health()).toBe(200);
  });

  it('says in one line that a setting is wrong, with exit code 2', async () => {
    const program = start(['--no-agent'], { FLOTILLA_HTTP_PORT: 'eighty' });
    expect(await program.ended).toBe(2);
    expect(program.output.trim().split('\n').at(-1)).toBe(
      'FLOTILLA_HTTP_PORT must be a port from 1 to 65535, or 0 for any free one (it is "eighty")',
    );
  });

  it('says that a port is taken', async () => {
    const squatter = createServer();
    await new Promise<void>((settle) => squatter.listen(Number(settings['FLOTILLA_HTTP_PORT']), '127.0.0.1', settle));
    try {
      const program = start(['--no-agent']);
      expect(await program.ended).toBe(1);
      expect(program.output).toContain(`port ${settings['FLOTILLA_HTTP_PORT']} is in use by another program`);
    } finally {
      squatter.close();
    }
    expect(survivors()).toEqual([]);
  });

  it('shares its database with a second replica', async () => {
    const first = start(['--no-agent']);
    const owner = await ownerOf(first);
    await first.says(/stop with Ctrl-C/);
    const [httpPort, grpcPort] = await freePorts(2);
    const second = Program.run('apps/control-plane/dist/main.js', [], {
      FLOTILLA_DATA_DIR: join(dataDir, 'second'),
      FLOTILLA_DATABASE_URL: embeddedUrl(dataDir),
      FLOTILLA_MASTER_KEY_FILE: join(dataDir, 'master.key'),
      FLOTILLA_HTTP_PORT: String(httpPort),
      FLOTILLA_GRPC_PORT: String(grpcPort),
    });
    programs.push(second);
    await second.says(/Flotilla serves/);
    expect(await logIn(owner.email, owner.password, `http://127.0.0.1:${httpPort}`)).toBe(200);
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(await logIn(owner.email, owner.password)).toBe(200);
  });
});
