import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { systemClock } from '../../apps/agent/src/clock.js';
import { silentLog } from '../../apps/agent/src/log.js';
import { Spool } from '../../apps/agent/src/spool/spool.js';
import { AgentProcess, eventually } from '../support/agent-process/agent-process.js';
import { FakeControlPlane } from '../support/fake-control-plane/fake-control-plane.js';
import { FIXTURE, writeScenario } from '../support/nvidia-smi-replay/index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-agent-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the spool of a process that is killed (kill -9) while it writes, ten times', () => {
  it('has everything that was durable, in order, nothing twice', async () => {
    const program = join(folder, 'spool-writer.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, '../support/agent-process/spool-writer.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@flotilla/source'],
    });
    const truth = join(folder, 'truth');
    const options = {
      folder: join(folder, 'spool'),
      maxBytes: 64 << 20,
      maxAgeMs: 86_400_000,
      memoryBytes: 1 << 20,
      clock: systemClock,
      log: silentLog,
    };
    let next = 1;
    let kills = 0;
    for (let round = 0; round < 10; round++) {
      const before = existsSync(truth) ? readFileSync(truth, 'utf8').length : 0;
      const child = spawn(process.execPath, [program, options.folder, truth, String(next)], { stdio: 'inherit' });
      await eventually('it writes', () => existsSync(truth) && readFileSync(truth, 'utf8').length > before + 20);
      // somewhere in the middle of a write, a sync or a new file
      await new Promise((resolve) => setTimeout(resolve, 37 * (round + 1)));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
      kills += 1;
      const durable = Number(readFileSync(truth, 'utf8').trim().split('\n').at(-1));
      const spool = new Spool(options);
      const numbers: number[] = [];
      for (let seq = 1; ;) {
        const run = spool.read(seq, { maxEntries: 10_000, maxBytes: 64 << 20 });
        if (!run) break;
        for (const entry of run.entries) numbers.push(entry.kind === 'event' ? entry.atMs : Number.NaN);
        seq = run.firstSeq + run.entries.length;
      }
      await spool.close();
      expect(numbers.length).toBeGreaterThanOrEqual(durable);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => at + 1));
      next = numbers.length + 1;
    }
    expect(kills).toBe(10);
  }, 60_000);
});

describe('an agent that is killed (kill -9) anywhere between reading and acknowledgement', () => {
  it('has stored every sample that was ever on screen, unchanged, under numbers that were given once', async () => {
    const fake = await FakeControlPlane.start();
    const points = Array.from({ length: 500 }, (_, at) => ({ util: 10 + (at % 80), mem: 1000 + at }));
    const replay = writeScenario(join(folder, 'tool'), {
      gpus: [{ capture: FIXTURE, uuid: 'GPU-aaaa', trace: { points, stepS: 1 } }],
    });
    const stateDir = join(folder, 'state');
    const args = ['--server', fake.address, '--token', fake.token, '--interval', '1'];
    const places = [
      'after-spool-append',
      'after-spool-append:2',
      'after-minute-close',
      'before-batch-send',
      'before-ack-delete',
    ];
    const died: string[] = [];
    for (let round = 0; round < 10; round++) {
      const failpoint = places[round % places.length] as string;
      const hellos = fake.hellos.length;
      const agent = await AgentProcess.start({ stateDir, args, nvidiaSmi: replay.executable, failpoint });
      const seen = () =>
        fake.messages.filter((message) => message.live?.devices.some(({ device }) => device === 'GPU-aaaa')).length;
      const before = seen();
      await eventually(
        'values on screen, or the end at the failpoint',
        () => (fake.hellos.length > hellos && seen() > before) || agent.child.signalCode !== null,
        20_000,
        () => agent.log,
      );
      agent.child.kill('SIGTERM'); // closes the open minute, and dies on the way where the failpoint is
      const { signal } = await agent.ended();
      if (signal === 'SIGKILL') died.push(failpoint);
      else expect({ failpoint, log: agent.log }).toMatchObject({ log: expect.stringContaining('stopping') });
    }
    // the run is void unless it was really killed, at different places
    expect(new Set(died).size).toBeGreaterThanOrEqual(3);
    // one orderly run: what is left goes out
    const last = await AgentProcess.start({ stateDir, args, nvidiaSmi: replay.executable });
    await eventually('connected', () => fake.hellos.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await last.kill('SIGTERM');
    const sender = await AgentProcess.start({ stateDir, args });
    const missing = () => {
      const stored = fake.samples();
      return fake.messages.flatMap((message) =>
        (message.live?.devices ?? []).flatMap(({ device, atMs, metrics, values }) => {
          const slot = stored.get(device)?.get(Math.floor(atMs / 1000));
          const wrong = metrics.filter((metric, at) => slot?.get(metric) !== values.readFloatLE(at * 4));
          return wrong.length === 0 ? [] : [`${device} ${atMs} metrics ${wrong.join(',')}`];
        }),
      );
    };
    try {
      await eventually(
        'everything stored',
        () => missing().length === 0,
        20_000,
        () => missing().join('\n') + sender.log,
      );
    } finally {
      await sender.kill();
      fake.stop();
    }
    expect(fake.samples().get('GPU-aaaa')?.size).toBeGreaterThanOrEqual(5);
    expect(fake.conflicts).toEqual([]);
  }, 120_000);

  it('keeps what it read while the control plane is away, and sends it when it is back', async () => {
    const fake = await FakeControlPlane.start();
    const replay = writeScenario(join(folder, 'tool'), { gpus: [{ capture: FIXTURE, uuid: 'GPU-aaaa' }] });
    mkdirSync(join(folder, 'state'));
    const args = ['--server', fake.address, '--token', fake.token, '--interval', '1'];
    const first = await AgentProcess.start({ stateDir: join(folder, 'state'), args, nvidiaSmi: replay.executable });
    await eventually(
      'connected',
      () => fake.hellos.length === 1,
      15_000,
      () => first.log,
    );
    const { port } = fake;
    fake.stop();
    await eventually(
      'it notices',
      () => first.log.includes('cannot be reached'),
      15_000,
      () => first.log,
    );
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await first.kill('SIGTERM');
    const second = await AgentProcess.start({ stateDir: join(folder, 'state'), args });
    await fake.listen(port);
    await eventually(
      'the backlog',
      () => (fake.samples().get('GPU-aaaa')?.size ?? 0) >= 2,
      20_000,
      () => second.log,
    );
    await second.kill();
    fake.stop();
  }, 60_000);
});
