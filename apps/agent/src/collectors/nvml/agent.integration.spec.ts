/** A whole agent with `--reader nvml`: its process never outlives it, and it takes no koffi into its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { hopper, NvmlStub } from '../../../../../test/support/nvml-stub/index.js';
import { describeNvml, packagedAgent } from '../../../../../test/support/nvml-stub/program.js';

jest.setTimeout(30_000);

describeNvml('an agent with --reader nvml', () => {
  let folder: string;
  let stub: NvmlStub;
  let agent: ChildProcess;
  let said = '';

  const lives = (pid: number) => {
    const status = `/proc/${pid}/stat`;
    return existsSync(status) && !/\) [ZX] /.test(readFileSync(status, 'latin1'));
  };
  const until = async (what: string, holds: () => boolean) => {
    const end = performance.now() + 15_000;
    while (!holds()) {
      if (performance.now() > end) throw new Error(`never ${what}: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const readerPid = () => {
    const file = join(folder, 'state/nvml-reader.pid');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid : 0;
  };
  const mapped = (pid: number) => readFileSync(`/proc/${pid}/maps`, 'utf8');

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-nvml-agent-'));
    stub = new NvmlStub(join(folder, 'driver'), { gpus: [hopper(0)] });
    const { path } = await packagedAgent(join(folder, 'agent'));
    const places = ['--state-dir', join(folder, 'state'), '--sync-url', 'http://127.0.0.1:9', '--api-key', 'none'];
    const reader = ['--reader', 'nvml', '--nvml-library', stub.library, '--interval', '1'];
    agent = spawn(process.execPath, [path, 'run', ...places, ...reader], { stdio: ['ignore', 'pipe', 'pipe'] });
    said = '';
    for (const stream of [agent.stdout, agent.stderr]) stream?.on('data', (chunk) => (said += String(chunk)));
    await until('the GPUs are read', () => /Reading 1 GPU\(s\) every 1 s .*with NVML/.test(said));
  });
  afterEach(() => {
    agent.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps the driver and koffi out of its own process', () => {
    expect(mapped(readerPid())).toMatch(/libnvidia-ml\.so\.1/);
    expect(mapped(readerPid())).toMatch(/koffi\.node/);
    expect(mapped(agent.pid as number)).not.toMatch(/libnvidia-ml|koffi/);
  });

  it('takes its process with it when it is killed', async () => {
    const pid = readerPid();
    expect(lives(pid)).toBe(true);
    agent.kill('SIGKILL');
    await until('the reader is gone', () => !lives(pid));
  });

  it('takes its process with it when that hangs inside the driver', async () => {
    const pid = readerPid();
    stub.update((m) => (m.gpus = [hopper(0, { temperature: '~hang' })]));
    // the next turn is at most a second away
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    agent.kill('SIGKILL');
    await until('the reader is gone', () => !lives(pid));
  });

  it('ends its process when it is asked to end', async () => {
    const pid = readerPid();
    agent.kill('SIGTERM');
    await until('the agent is gone', () => agent.exitCode !== null);
    expect(lives(pid)).toBe(false);
  });
});
