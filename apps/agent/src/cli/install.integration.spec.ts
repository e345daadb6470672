import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { AgentProgram } from '../../../../test/support/agent-program/index.js';
import { unitText } from './install/unit.js';

jest.setTimeout(60_000);
const DEPLOYED = join(import.meta.dirname, '../../../../deploy/flotilla-agent.service');
const canInstall = process.getuid?.() === 0 && spawnSync('useradd', ['--help']).status === 0;
const asRoot = canInstall ? it : it.skip;
if (!canInstall) console.warn('skipped: installing below another root needs root and useradd');
const canAnalyze = spawnSync('systemd-analyze', ['security', '--help']).status === 0;
const withSystemd = canAnalyze ? it : it.skip;
if (!canAnalyze) console.warn('skipped: no systemd-analyze on this machine');

describe('the systemd unit', () => {
  it('is the same in deploy as what install writes', () => {
    expect(readFileSync(DEPLOYED, 'utf8')).toBe(unitText('/usr/bin/flotilla-agent'));
  });

  withSystemd('leaves an exposure of at most 3.0, and nothing that systemd does not know', () => {
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--json=off', DEPLOYED], {
      encoding: 'utf8',
    });
    const level = Number(/Overall exposure level for flotilla-agent\.service: ([\d.]+)/.exec(stdout)?.[1]);
    expect(level).toBeGreaterThan(0);
    expect(level).toBeLessThanOrEqual(3);
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', DEPLOYED], { encoding: 'utf8' });
    const ours = stderr.split('\n').filter((line) => line.includes('flotilla-agent.service'));
    // the program is not installed on the machine of the tests
    expect(ours.filter((line) => !/is not executable|Command .* not found/.test(line))).toEqual([]);
  });
});

describe('flotilla-agent install', () => {
  let program: AgentProgram;
  let root: string;
  beforeAll(async () => {
    program = await AgentProgram.build();
    root = join(program.folder, 'root');
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  });
  afterAll(() => program.remove());
  const install = (...flags: string[]) => program.call(['install', '--root', root, ...flags]);
  const of = (path: string) => {
    const { mode, uid } = statSync(join(root, path));
    return { mode: (mode & 0o7777).toString(8), uid };
  };
  const account = () =>
    Number(/^flotilla-agent:[^:]*:(\d+):/m.exec(readFileSync(join(root, 'etc/passwd'), 'utf8'))?.[1]);

  it('only says what it would do with --dry-run', () => {
    const { code, out } = install('--dry-run', '--server', 'a:1', '--token', 'flt_enroll_x');
    expect(code).toBe(0);
    expect(out.split('\n').filter((line) => line.startsWith('would'))).toHaveLength(8);
    expect(existsSync(join(root, 'etc/flotilla'))).toBe(false);
  });

  it('does not begin without knowing where to report', () => {
    const { code, err } = install('--dry-run');
    expect(code).toBe(2);
    expect(err).toContain('--server (with --token or --token-file) or --sync-url is missing');
  });

  asRoot("makes user, folders, configuration, program and unit, for the agent's user only", () => {
    const { code, out } = install('--server', 'a:1', '--token', 'flt_enroll_x', '--prometheus', '127.0.0.1:9400');
    expect(out).not.toContain('failed');
    expect(code).toBe(0);
    expect(account()).toBeGreaterThan(0);
    expect(of('var/lib/flotilla-agent')).toEqual({ mode: '700', uid: account() });
    expect(of('var/lib/flotilla-agent/enrollment-token')).toEqual({ mode: '600', uid: account() });
    expect(of('etc/flotilla/agent.json')).toEqual({ mode: '640', uid: 0 });
    expect(of('usr/local/bin/flotilla-agent')).toEqual({ mode: '755', uid: 0 });
    // the token stands nowhere else
    expect(readFileSync(join(root, 'etc/flotilla/agent.json'), 'utf8')).not.toContain('flt_enroll');
    expect(readFileSync(join(root, 'etc/systemd/system/flotilla-agent.service'), 'utf8')).toBe(
      unitText('/usr/local/bin/flotilla-agent'),
    );
    const config = ['--config', join(root, 'etc/flotilla/agent.json')];
    expect(program.call(['status', ...config, '--state-dir', '/nowhere']).code).toBe(3);
  });

  asRoot('changes nothing the second time, and keeps what a person wrote', () => {
    const path = join(root, 'etc/flotilla/agent.json');
    writeFileSync(path, '{ "server": "mine:1" } // by hand');
    const { code, out } = install('--server', 'a:1', '--token', 'flt_enroll_x');
    expect(code).toBe(0);
    expect(out).not.toMatch(/^(done|failed)/m);
    expect(out).toContain('its server is mine:1, not a:1');
    expect(readFileSync(path, 'utf8')).toContain('by hand');
  });

  asRoot('replaces an older program in place', () => {
    writeFileSync(join(root, 'usr/local/lib/flotilla/flotilla-agent.mjs'), 'old');
    const { out } = install();
    expect(out.split('\n').filter((line) => line.startsWith('done'))).toEqual([
      'done     /usr/local/lib/flotilla/flotilla-agent.mjs is this program',
    ]);
  });

  asRoot('names the fault in a configuration that is there', () => {
    const path = join(root, 'etc/flotilla/agent.json');
    writeFileSync(path, '{\n  "servre": "a:1"\n}');
    const { code, err } = install();
    expect(code).toBe(2);
    expect(err).toContain(`${path}:2:3: servre: there is no such setting; did you mean "server"?`);
    writeFileSync(path, '{"server": "a:1"}');
  });

  asRoot('is undone by uninstall, which asks, and keeps the state unless it is told otherwise', () => {
    const uninstall = (...flags: string[]) => program.call(['uninstall', '--root', root, ...flags]);
    expect(uninstall()).toMatchObject({ code: 1, out: expect.stringContaining('Nobody can answer here') });
    expect(existsSync(join(root, 'usr/local/bin/flotilla-agent'))).toBe(true);
    expect(uninstall('--yes')).toMatchObject({ code: 0, out: expect.stringContaining('are kept') });
    expect(existsSync(join(root, 'etc/systemd/system/flotilla-agent.service'))).toBe(false);
    expect(existsSync(join(root, 'var/lib/flotilla-agent'))).toBe(true);
    expect(uninstall('--yes', '--remove-state').code).toBe(0);
    for (const path of ['var/lib/flotilla-agent', 'etc/flotilla/agent.json']) {
      expect(existsSync(join(root, path))).toBe(false);
    }
    expect(account()).toBeNaN();
    expect(uninstall('--yes', '--keep-state', '--remove-state').code).toBe(2);
  });
});
