import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricId } from '@flotilla/domain';
import { HealthHost } from '../../../../test/support/health-host.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import type { DeviceFacts } from '../collectors/collector.js';
import { HUNG } from '../collectors/nvidia-smi/failures.js';
import { writeClearRequest } from './clear-requests.js';
import { healthPath } from './state-file.js';

const T0 = Date.UTC(2026, 5, 1);
const BOOT = { id: 'boot-1', atMs: T0 - 3_600_000 };
const GPU: DeviceFacts = { kind: 'gpu', uuid: 'GPU-a', pciBusId: '00000000:3B:00.0', presence: 'present' };
const OTHER: DeviceFacts = { kind: 'gpu', uuid: 'GPU-b', pciBusId: '00000000:5E:00.0', presence: 'present' };

let folder: string;
let kmsg: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-health-'));
  kmsg = join(folder, 'kmsg');
  writeFileSync(kmsg, '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hostWith = (clock = new ManualClock(T0), options: { boot?: typeof BOOT; kernelLog?: string } = {}) =>
  new HealthHost(clock, { stateDir: folder, kernelLog: kmsg, boot: BOOT, ...options });
const line = (seq: number, message: string, us = 3_600_000_000 + seq * 1000) => `4,${seq},${us},-;${message}\n`;
const xid = (seq: number, code: number, place = '0000:3b:00') =>
  line(seq, `NVRM: Xid (PCI:${place}): ${code}, pid=77, name=python, words of the driver`);

describe('an error of the driver in the kernel log', () => {
  it('is on the GPU at that place within a tick, with its line, and is told once', async () => {
    const host = hostWith().list(GPU, OTHER).read('GPU-a').read('GPU-b');
    await host.tick();
    expect(host.of()).toMatchObject({ health: 'healthy', advisedAction: 'none', healthEpisodes: [] });
    appendFileSync(kmsg, `${line(1, 'IPv6: eth0: link becomes ready')}${xid(2, 79)}`);
    await host.tick();
    expect(host.of()).toMatchObject({
      health: 'unhealthy',
      advisedAction: 'reboot',
      healthEvidence: 'NVRM: Xid (PCI:0000:3b:00): 79, pid=77, name=python, words of the driver',
      healthEpisodes: [{ kind: 'xid', code: 79, faultClass: 'hardware', count: 1 }],
    });
    expect(host.of('GPU-b')).toMatchObject({ health: 'healthy' });
    expect(host.named('xid')).toMatchObject([{ device: 'GPU-a', severity: 'critical', details: { xid: 79 } }]);
    expect(host.named('gpu_health')).toMatchObject([
      { device: 'GPU-a', details: { from: 'healthy', to: 'unhealthy' } },
    ]);
    await host.tick();
    expect(host.events).toHaveLength(2);
  });

  it('waits for the listing that says whose place it is', async () => {
    writeFileSync(kmsg, xid(1, 48));
    const host = hostWith();
    await host.tick();
    expect(host.events).toEqual([]);
    host.list(GPU).read();
    await host.tick();
    expect(host.of()).toMatchObject({ health: 'unhealthy', advisedAction: 'reset_gpu' });
  });

  it('is told without a GPU where nobody ever lists one, because the tool hangs', async () => {
    writeFileSync(kmsg, xid(1, 119));
    const host = hostWith();
    await host.tick(20_000);
    expect(host.events).toEqual([]);
    await host.tick(20_000);
    expect(host.named('xid')).toMatchObject([{ device: '', details: { xid: 119, bus_id: '0000:3b:00' } }]);
  });

  it('is one with what NVML and nvidia-smi tell of it', async () => {
    const host = hostWith().list(GPU).read();
    await host.tick();
    appendFileSync(kmsg, xid(1, 94));
    await host.tick();
    const sighting = { code: 94, device: 'GPU-a', busId: '', line: '', source: 'nvml' };
    host.part.watcher.xid?.('nvml', sighting);
    await host.tick();
    expect(host.of()?.healthEpisodes).toMatchObject([{ code: 94, count: 1 }]);
    expect(host.named('xid')).toHaveLength(1);
  });

  it('goes out once a flood begins, and then by its count every half minute', async () => {
    const host = hostWith().list(GPU).read();
    await host.tick();
    const before = host.changes;
    for (let second = 1; second <= 60; second++) {
      appendFileSync(kmsg, xid(second, 13).repeat(10));
      host.read();
      await host.tick();
    }
    expect(host.changes - before).toBeLessThanOrEqual(4);
    await host.tick(30_000);
    expect(host.of()).toMatchObject({ health: 'healthy', healthEpisodes: [{ code: 13, count: 600 }] });
    expect(host.events).toHaveLength(1);
  });
});

describe('a restart of the agent', () => {
  it('counts nothing twice and keeps what is wrong', async () => {
    writeFileSync(kmsg, xid(1, 13) + xid(2, 48));
    const first = hostWith().list(GPU).read();
    await first.tick();
    first.part.stop();
    appendFileSync(kmsg, xid(3, 13));
    const second = hostWith(first.clock);
    expect(second.of()).toMatchObject({ health: 'unhealthy' });
    second.list(GPU).read();
    await second.tick();
    expect(
      second
        .of()
        ?.healthEpisodes.map(({ code, count }) => `${code} × ${count}`)
        .sort(),
    ).toEqual(['13 × 2', '48 × 1']);
    expect(second.named('xid')).toEqual([]);
  });

  it('after a kill reads again what was not written down, and only that', async () => {
    const first = hostWith().list(GPU).read();
    appendFileSync(kmsg, xid(1, 31));
    await first.tick(3_000);
    const kept = readFileSync(healthPath(folder), 'utf8');
    appendFileSync(kmsg, xid(2, 31));
    await first.tick(1_000);
    // killed here: nothing is written down any more
    writeFileSync(healthPath(folder), kept);
    const second = hostWith(first.clock).list(GPU).read();
    await second.tick();
    expect(second.of()?.healthEpisodes).toMatchObject([{ code: 31, count: 2 }]);
  });

  it('in another boot begins well, where a reboot mends it', async () => {
    const first = hostWith().list(GPU).read();
    appendFileSync(kmsg, xid(1, 79));
    await first.tick();
    first.part.stop();
    const boot = { id: 'boot-2', atMs: first.clock.nowMs() };
    await first.clock.advance(60_000);
    const second = hostWith(first.clock, { boot }).list(GPU).read();
    await second.tick();
    expect(second.of()).toMatchObject({ health: 'healthy' });
    expect(second.of()?.healthEpisodes).toMatchObject([{ code: 79 }]);
  });

  it('bears a state file that is garbage', async () => {
    for (const text of ['', '{', '[]', '{"version":1,"gpus":{"GPU-a":7},"host":[]}', '{"version":1,"gpus":null}']) {
      writeFileSync(healthPath(folder), text);
      const host = hostWith().list(GPU).read();
      await host.tick();
      expect(host.of()).toMatchObject({ health: 'healthy' });
    }
  });
});

describe('a repair', () => {
  it('is seen when the driver is loaded anew', async () => {
    const host = hostWith().list(GPU).read();
    appendFileSync(kmsg, xid(1, 119));
    await host.tick();
    expect(host.of()).toMatchObject({ health: 'unhealthy' });
    appendFileSync(kmsg, line(2, 'NVRM: loading NVIDIA UNIX x86_64 Kernel Module  570.124.06'));
    host.read();
    await host.tick();
    expect(host.of()).toMatchObject({ health: 'healthy', advisedAction: 'none' });
    expect(host.named('gpu_health').at(-1)).toMatchObject({ severity: 'low', details: { to: 'healthy' } });
  });

  it('is what a person says, on the host or from the control plane, and stays over a restart', async () => {
    const host = hostWith().list(GPU, OTHER).read('GPU-a').read('GPU-b');
    appendFileSync(kmsg, xid(1, 79) + xid(2, 79, '0000:5e:00'));
    await host.tick();
    writeClearRequest(folder, { gpu: 'GPU-a', by: 'root' });
    await host.tick();
    expect([host.of()?.health, host.of('GPU-b')?.health]).toEqual(['healthy', 'unhealthy']);
    expect(host.named('gpu_health_cleared')).toMatchObject([{ device: 'GPU-a', details: { by: 'root' } }]);
    expect(host.part.clear('GPU-b', 'ann@example.com')).toBe(1);
    expect(host.part.clear('GPU-none', 'ann@example.com')).toBe(0);
    await host.tick();
    host.part.stop();
    const again = hostWith(host.clock).list(GPU, OTHER).read('GPU-a').read('GPU-b');
    await again.tick();
    expect([again.of()?.health, again.of('GPU-b')?.health]).toEqual(['healthy', 'healthy']);
  });

  it('is a GPU that is back', async () => {
    const host = hostWith().list(GPU).read();
    await host.tick();
    host.list({ ...GPU, presence: 'missing' });
    await host.tick();
    expect(host.of()).toMatchObject({ health: 'unhealthy', advisedAction: 'reboot' });
    host.list(GPU).read();
    await host.tick();
    expect(host.of()).toMatchObject({ health: 'healthy' });
  });
});

describe('readings', () => {
  it('speak through their metrics too', async () => {
    const host = hostWith()
      .list(GPU)
      .read('GPU-a', {}, new Map([[metricId('remapped_rows_failure'), 1]]));
    await host.tick();
    expect(host.of()).toMatchObject({ advisedAction: 'rma', healthEvidence: 'remapped_rows.failure: Yes' });
  });

  it('that stop make a GPU unknown, and a hung tool says why', async () => {
    const host = hostWith().list(GPU).read();
    await host.tick();
    host.part.watcher.state?.('nvidia-smi', 'nvidia-smi', HUNG.condition, HUNG.message);
    await host.tick();
    expect(host.of()).toMatchObject({ health: 'unknown', healthEvidence: HUNG.message });
    host.part.watcher.state?.('nvidia-smi', 'nvidia-smi', 'ok', 'Reading 1 GPU(s) every 5 s.');
    await host.tick();
    expect(host.of()).toMatchObject({ health: 'healthy' });
    await host.tick(200_000);
    expect(host.of()).toMatchObject({ health: 'unknown' });
  });
});

describe('the kernel log itself', () => {
  it('says how it goes, and what mends it', async () => {
    const host = hostWith(new ManualClock(T0), { kernelLog: join(folder, 'none') });
    await host.tick();
    expect(host.states).toEqual([['kernel-log', 'unavailable', expect.stringContaining('--device /dev/kmsg')]]);
    writeFileSync(join(folder, 'none'), xid(1, 79));
    host.list(GPU).read();
    await host.tick(70_000);
    expect(host.states.at(-1)).toEqual(['kernel-log', 'ok', expect.stringContaining('errors of the driver')]);
    expect(host.of()).toMatchObject({ health: 'unhealthy' });
  });

  it('survives garbage, huge lines and a file that is turned over', async () => {
    const host = hostWith().list(GPU).read();
    appendFileSync(kmsg, Buffer.from([0, 255, 254, 10, 13, 10]));
    appendFileSync(
      kmsg,
      `${'x'.repeat(300_000)}NVRM: Xid (PCI:0000:3b:00): 79, no\n${xid(1, 31)}NVRM: Xid (PCI:0000:3b`,
    );
    await host.tick();
    await host.tick();
    expect(host.of()?.healthEpisodes).toMatchObject([{ code: 31, count: 1 }]);
    // the end of the old file comes before the new one
    appendFileSync(kmsg, `:00): 31, end\n`);
    renameSync(kmsg, `${kmsg}.1`);
    writeFileSync(kmsg, xid(2, 48));
    await host.tick();
    await host.tick(31_000);
    expect(
      host
        .of()
        ?.healthEpisodes.map(({ code, count }) => `${code} × ${count}`)
        .sort(),
    ).toEqual(['31 × 2', '48 × 1']);
  });

  it('costs next to nothing while nothing is said', async () => {
    const host = hostWith().list(GPU).read();
    await host.tick();
    const before = process.cpuUsage();
    for (let i = 0; i < 1_000; i++) host.part.tick();
    const { user, system } = process.cpuUsage(before);
    // 1000 ticks are 1000 seconds of an agent: 0.01 % of a core is 100 ms
    expect(user + system).toBeLessThan(100_000);
  });
});
