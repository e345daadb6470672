/** What is shipped, as a host meets it: the script with its sums, the package in a root of its own, the executable. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { jest } from '@jest/globals';
import { buildAgentBundle } from '../../build-bundle.mjs';
import { searchPath } from '../../../../test/support/agent-program/index.js';
import { makeDeb, makeExecutable, makeIndex } from '../../../../test/support/agent-program/packages.js';

jest.setTimeout(120_000);
const has = (tool: string, ...args: string[]) => spawnSync(tool, args).status === 0;
const isRoot = process.getuid?.() === 0;
const hasDpkg = has('dpkg-deb', '--version');
const needs = (what: string, isThere: boolean) => {
  if (!isThere) console.warn(`skipped: ${what}`);
  return isThere ? it : it.skip;
};
const withDpkg = needs('no dpkg-deb on this machine', hasDpkg);
const inChroot = needs(
  'installing a package into another root needs root, dpkg, ldd and useradd',
  isRoot && hasDpkg && has('useradd', '--help') && has('ldd', '--version'),
);
const onLinux = needs('single executables are tried on Linux only', process.platform === 'linux');

const KOFFI = `koffi-linux-${process.arch === 'x64' ? 'amd64' : process.arch}.node`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-packages-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A root in which maintainer scripts can run: a shell, a few tools, their libraries. */
function smallRoot(name: string): string {
  const root = join(folder, name);
  for (const path of ['var/lib/dpkg/info', 'var/lib/dpkg/updates', 'var/lib', 'etc', 'tmp', 'dev', 'proc']) {
    mkdirSync(join(root, path), { recursive: true });
  }
  for (const path of ['var/lib/dpkg/status', 'var/lib/dpkg/available', 'dev/null']) writeFileSync(join(root, path), '');
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\n');
  // as this machine has them, so that its programs find their libraries
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) {
    if (!lstatSync(`/${link}`, { throwIfNoEntry: false })?.isSymbolicLink()) continue;
    mkdirSync(join(root, 'usr', link), { recursive: true });
    symlinkSync(`usr/${link}`, join(root, link));
  }
  const put = (path: string) => {
    const to = join(root, path);
    mkdirSync(dirname(to), { recursive: true });
    if (!existsSync(to)) copyFileSync(path, to);
  };
  for (const tool of ['sh', 'getent', 'useradd', 'userdel', 'install', 'rm', 'rmdir', 'nologin']) {
    const path = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
    put(path);
    for (const [library] of spawnSync('ldd', [path], { encoding: 'utf8' }).stdout.matchAll(/\/\S+\.so\S*/g))
      put(library);
  }
  return root;
}

describe('the Debian package', () => {
  const deb = (version: string) => {
    const program = join(folder, 'program');
    writeFileSync(program, `#!/bin/sh\necho ${version}\n`);
    return makeDeb(folder, program, version);
  };

  withDpkg('has the program, the unit and its scripts, owned by root', () => {
    const path = deb('1.0.0');
    const list = spawnSync('dpkg-deb', ['--contents', path], { encoding: 'utf8' }).stdout;
    expect(list).toMatch(/^-rwxr-xr-x root\/root .* \.\/usr\/bin\/flotilla-agent$/m);
    expect(list).toMatch(/^-rw-r--r-- root\/root .* \.\/lib\/systemd\/system\/flotilla-agent\.service$/m);
    expect(list).toMatch(/^drwxr-xr-x root\/root .* \.\/usr\/$/m);
    const field = (name: string) => spawnSync('dpkg-deb', ['--field', path, name], { encoding: 'utf8' }).stdout.trim();
    expect([field('Package'), field('Version')]).toEqual(['flotilla-agent', '1.0.0']);
  });

  inChroot('installs, upgrades over itself, keeps the state when removed, and purges everything', () => {
    const root = smallRoot('root');
    const dpkg = (...args: string[]) => {
      const { status, stderr } = spawnSync('dpkg', [`--root=${root}`, '--force-depends', ...args], {
        encoding: 'utf8',
      });
      // that libraries of a small root came without packages is said every time
      const said = stderr
        .split('\n')
        .filter((line) => !/^dpkg: warning: |dependency problems|^ +\S+ (depends|is not)/.test(line));
      expect(said.filter((line) => line.trim() !== '' && !/^ {2}Package /.test(line))).toEqual([]);
      expect(status).toBe(0);
    };
    const at = (path: string) => join(root, path);
    const program = () => spawnSync('sh', [at('usr/bin/flotilla-agent')], { encoding: 'utf8' }).stdout.trim();
    dpkg('--install', deb('1.0.0'));
    expect(program()).toBe('1.0.0');
    const uid = Number(/^flotilla-agent:[^:]*:(\d+)/m.exec(readFileSync(at('etc/passwd'), 'utf8'))?.[1]);
    expect(statSync(at('var/lib/flotilla-agent'))).toMatchObject({ uid });
    expect((statSync(at('var/lib/flotilla-agent')).mode & 0o7777).toString(8)).toBe('700');
    writeFileSync(at('var/lib/flotilla-agent/identity.json'), '{}');
    writeFileSync(at('etc/flotilla/agent.json'), '{}');
    dpkg('--install', deb('1.0.1'));
    expect(program()).toBe('1.0.1');
    expect(existsSync(at('var/lib/flotilla-agent/identity.json'))).toBe(true);
    dpkg('--remove', 'flotilla-agent');
    expect(existsSync(at('usr/bin/flotilla-agent'))).toBe(false);
    expect(existsSync(at('var/lib/flotilla-agent/identity.json'))).toBe(true);
    dpkg('--purge', 'flotilla-agent');
    for (const path of ['var/lib/flotilla-agent', 'etc/flotilla', 'lib/systemd/system/flotilla-agent.service']) {
      expect(existsSync(at(path))).toBe(false);
    }
    expect(readFileSync(at('etc/passwd'), 'utf8')).not.toContain('flotilla-agent');
  });
});

describe('the single executable', () => {
  onLinux('runs with no Node beside it', async () => {
    const executable = await makeExecutable(folder);
    const call = (...args: string[]) => spawnSync(executable, args, { encoding: 'utf8', env: { PATH: '/nowhere' } });
    expect(call('--version')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
    expect(call('scan', '--state-dir', join(folder, 'none'))).toMatchObject({
      status: 3,
      stdout: expect.stringContaining('no GPU was found'),
      stderr: '',
    });
    expect(call('run', '--serverr', 'x').status).toBe(2);
  });
});

describe('install.sh', () => {
  let served: string;
  let server: Server;
  let from: string;
  const asked: string[] = [];
  beforeAll(async () => {
    served = join(folder, 'served');
    mkdirSync(served);
    await buildAgentBundle(join(served, 'flotilla-agent.mjs'));
    writeFileSync(join(served, KOFFI), 'a module');
    makeIndex(served);
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const path = join(served, (request.url ?? '').slice('/agent/'.length));
      if (existsSync(path)) response.end(readFileSync(path));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    from = `http://127.0.0.1:${(server.address() as AddressInfo).port}/agent`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** As a person types it: fetched and piped into a shell. Not blocking: the server is in this process. */
  async function pipe(...args: string[]): Promise<{ code: number | null; said: string }> {
    const line = `curl -fsSL ${from}/install.sh | sh -s -- ${args.map((arg) => `'${arg}'`).join(' ')}`;
    const path = `${dirname(process.execPath)}:${searchPath()}`;
    const child = spawn('sh', ['-c', line], {
      cwd: folder,
      env: { PATH: path, HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, said };
  }
  const image = (name: string) => {
    const root = join(folder, name);
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
    return root;
  };
  const withCurl = needs(
    'installing by the script needs root, curl and useradd',
    isRoot && has('curl', '--version') && has('useradd', '--help'),
  );

  withCurl('installs into an image, and again without a change', async () => {
    const root = image('image');
    const call = ['--from', from, '--root', root, '--server', 'a:1', '--token', 'flt_enroll_x'];
    const first = await pipe(...call);
    expect(first.said).toContain('verified flotilla-agent.mjs');
    expect(first.said).toContain(`verified ${KOFFI}`);
    expect(first.said).not.toContain('failed');
    expect(readFileSync(join(root, 'usr/lib/flotilla-agent/koffi.node'), 'utf8')).toBe('a module');
    expect(first.code).toBe(0);
    expect(readFileSync(join(root, 'var/lib/flotilla-agent/enrollment-token'), 'utf8')).toBe('flt_enroll_x\n');
    const again = await pipe(...call);
    expect(again.said).not.toMatch(/^(done|failed)/m);
    expect(again.code).toBe(0);
  });

  withCurl(
    'refuses a file that is not the one of the sums, and sums that are not the ones that were named',
    async () => {
      const root = image('untouched');
      const sums = createHash('sha256')
        .update(readFileSync(join(served, 'SHA256SUMS')))
        .digest('hex');
      const whole = readFileSync(join(served, 'flotilla-agent.mjs'));
      const pinned = ['--from', from, '--root', root, '--sums', sums, '--server', 'a:1'];
      writeFileSync(join(served, 'flotilla-agent.mjs'), Buffer.concat([whole, Buffer.from('// more\n')]));
      expect(await pipe(...pinned)).toMatchObject({ code: 1, said: expect.stringContaining('nothing was installed') });
      // both changed by whoever has the server: the sum that the administrator has tells
      makeIndex(served);
      expect(await pipe(...pinned)).toMatchObject({
        code: 1,
        said: expect.stringContaining('not the one that --sums names'),
      });
      expect(existsSync(join(root, 'usr'))).toBe(false);
      writeFileSync(join(served, 'flotilla-agent.mjs'), whole);
      makeIndex(served);
    },
  );

  withCurl('takes no module for the reader nvml that is not the one of the sums', async () => {
    writeFileSync(join(served, KOFFI), 'another module');
    expect(await pipe('--from', from, '--root', image('other'), '--server', 'a:1')).toMatchObject({
      code: 1,
      said: expect.stringContaining(`${KOFFI} is not the file that SHA256SUMS lists`),
    });
    writeFileSync(join(served, KOFFI), 'a module');
  });

  withCurl('says what is wrong with its call', async () => {
    expect(await pipe('--server', 'a:1')).toMatchObject({ code: 2, said: expect.stringContaining('say --from') });
    expect(await pipe('--from', 'ftp://x')).toMatchObject({
      code: 2,
      said: expect.stringContaining('no http or https'),
    });
    expect(await pipe('--from', from, '--method', 'rpm')).toMatchObject({ code: 2 });
    expect(await pipe('--from', `${from}/none`, '--root', folder)).toMatchObject({
      code: 1,
      said: expect.stringContaining('cannot be fetched'),
    });
    expect(await pipe('--from', from, '--method', 'executable', '--root', folder)).toMatchObject({
      code: 1,
      said: expect.stringContaining('does not list'),
    });
  });

  withCurl('does nothing when its own download breaks off', () => {
    const script = readFileSync(join(served, 'install.sh'), 'utf8');
    const half = script.slice(0, script.indexOf('verified $file'));
    const { stdout } = spawnSync('sh', ['-s', '--', '--from', from], { input: half, encoding: 'utf8' });
    expect(stdout).toBe('');
  });
});
