import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { AgentProgram, searchPath } from '../../../../test/support/agent-program/index.js';
import { FIXTURE, writeScenario } from '../../../../test/support/nvidia-smi-replay/index.js';

jest.setTimeout(60_000);

interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly checks: readonly { name: string; state: string; message: string; mend?: string }[];
}

describe('flotilla-agent doctor', () => {
  let program: AgentProgram;
  let server: Server;
  let url: string;
  let skewMs = 0;
  let state: string;
  let tool: string;
  beforeAll(async () => {
    program = await AgentProgram.build();
    state = join(program.folder, 'state');
    mkdirSync(state, { mode: 0o700 });
    tool = writeScenario(join(program.folder, 'driver'), { gpus: [{ capture: FIXTURE, state: 'load' }] }).executable;
    server = createServer((_, response) => {
      response.setHeader('date', new Date(Date.now() + skewMs).toUTCString());
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await program.remove();
  });

  /** Not blocking: the server that it asks runs in this process. */
  async function doctor(flags: readonly string[], env: Record<string, string> = {}): Promise<Answer> {
    const child = spawn(process.execPath, [program.file, 'doctor', '--json', ...flags], {
      env: { PATH: searchPath(), HOME: program.folder, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, out, checks: (JSON.parse(out) as Pick<Answer, 'checks'>).checks };
  }
  const here = () => ['--state-dir', state, '--nvidia-smi', tool];
  const find = ({ checks }: Answer, name: string) => checks.find((check) => check.name === name);

  it('follows the way over HTTP, and compares the clocks', async () => {
    const way = ['--sync-url', url, '--api-key', 'k', ...here()];
    skewMs = 0;
    const well = await doctor(way);
    expect(find(well, 'server HTTP')).toMatchObject({ state: 'ok' });
    expect(find(well, 'clock skew')).toMatchObject({ state: 'ok' });
    expect(find(well, 'nvidia-smi')).toMatchObject({ state: 'ok', message: expect.stringContaining('1 GPU.') });
    // what cannot be so on every machine of a test (devices, kernel log, clock) only warns
    expect(well.code).toBe(0);
    skewMs = 120_000;
    expect(find(await doctor(way), 'clock skew')).toMatchObject({
      state: 'warn',
      message: expect.stringMatching(/clock is 1[12]\d s behind the server's/),
    });
    skewMs = -3_600_000;
    const wrong = await doctor(way);
    expect(find(wrong, 'clock skew')).toMatchObject({ state: 'fail' });
    expect(wrong.code).toBe(1);
  });

  it('names the step on the way to the server that fails, and does not guess beyond it', async () => {
    const names = (answer: Answer) =>
      answer.checks.filter(({ name }) => name.startsWith('server')).map(({ name, state: found }) => `${name} ${found}`);
    expect(names(await doctor(['--server', 'nowhere.invalid:1', ...here()]))).toEqual(['server name fail']);
    expect(names(await doctor(['--server', '127.0.0.1:1', ...here()]))).toEqual(['server port fail']);
    // a port that speaks no TLS, where a token says whom to expect
    const token = `flt_enroll_${'a'.repeat(20)}`;
    const plain = await doctor(['--server', url.slice('http://'.length), '--token', token, ...here()]);
    expect(names(plain)).toEqual(['server port ok', 'server TLS fail']);
  });

  it('shows every fault of the configuration by line, and looks at the host all the same', async () => {
    const config = join(program.folder, 'agent.json');
    writeFileSync(config, '{\n  "intervall_s": 5,\n  "log_level": "loud"\n}');
    const answer = await doctor(['--config', config]);
    expect(answer.checks.filter(({ name }) => name === 'configuration').map(({ message }) => message)).toEqual([
      `${config}:3:3: log_level: expected one of debug, info, warn, error, found "loud"`,
      `${config}:2:3: intervall_s: there is no such setting; did you mean "interval_s"?`,
    ]);
    expect(find(answer, 'kernel log')).toBeDefined();
    expect(answer.code).toBe(1);
  });

  it('sees a key that others may read, a hung tool, a broken identity and a variable that is misspelt', async () => {
    chmodSync(state, 0o755);
    writeFileSync(join(state, 'identity.json'), '{"agentId"');
    const gone = await doctor(
      ['--server', '127.0.0.1:1', '--state-dir', state, '--nvidia-smi', '/nowhere/nvidia-smi'],
      {
        FLOTILLA_STATEDIR: '/x',
      },
    );
    expect(find(gone, 'state folder')).toMatchObject({ state: 'warn', mend: `chmod 0700 ${state}` });
    expect(find(gone, 'identity')).toMatchObject({ state: 'fail', message: expect.stringContaining('is damaged') });
    expect(find(gone, 'nvidia-smi')).toMatchObject({ state: 'fail' });
    expect(find(gone, 'environment')).toMatchObject({ mend: 'FLOTILLA_STATE_DIR is probably meant' });
    chmodSync(state, 0o700);
  });

  it('prints a line for each thing it looked at, with what mends it', () => {
    const { out, code } = program.call(['doctor', '--server', '127.0.0.1:1', ...here()]);
    expect(out).toMatch(/^fail {2}server port +127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)\. Mend: /m);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(code).toBe(1);
  });
});
