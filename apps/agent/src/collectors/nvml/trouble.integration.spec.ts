/** What breaks, and what the reader nvml makes of it: the driver is a stand-in, the processes are real. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { hopper } from '../../../../../test/support/nvml-stub/index.js';
import { describeNvml } from '../../../../../test/support/nvml-stub/program.js';
import { NvmlStage } from '../../../../../test/support/nvml-stub/stage.js';

jest.setTimeout(30_000);
const A = 'GPU-00000000-0000-0000-0000-000000000001';
const B = 'GPU-00000000-0000-0000-0000-000000000002';
const XID = 8;

describeNvml('the reader nvml', () => {
  let stage: NvmlStage;
  afterEach(() => stage.close());
  const pid = () =>
    (JSON.parse(readFileSync(join(stage.folder, 'state/nvml-reader.pid'), 'utf8')) as { pid: number }).pid;
  const lives = (process: number) => {
    const status = `/proc/${process}/stat`;
    return existsSync(status) && !/\) [ZX] /.test(readFileSync(status, 'latin1'));
  };
  const reads = (device = A) => stage.until(`${device} was read`, () => stage.sink.of(device).length > 0);

  it('stops a process whose call does not return, says so, and reads on with a new one when it does', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0), hopper(1)] });
    await reads();
    const first = pid();
    stage.stub.update((m) => {
      (m.gpus[1] as Record<string, unknown>)['temperature'] = '~hang';
    });
    await stage.until('failed', () => stage.sink.last().startsWith('failed'));
    expect(stage.sink.last()).toMatch(/NVML gave no reading for 5 s and its process was stopped/);
    await stage.until('the process is gone', () => !lives(first));
    stage.stub.update((m) => {
      (m.gpus[1] as Record<string, unknown>)['temperature'] = 40;
    });
    const before = stage.sink.of(B).length;
    await stage.until('read on', () => stage.sink.of(B).length > before && stage.sink.last().startsWith('ok'));
    expect(pid()).not.toBe(first);
    expect(stage.sink.kinds()).toEqual(['collector_fault', 'collector_recovered']);
  });

  it('starts a process that died again, with a pause, and says how it ended', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0)] });
    await reads();
    const first = pid();
    stage.stub.update((m) => {
      (m.gpus[0] as Record<string, unknown>)['fan'] = '~crash';
    });
    await stage.until('failed', () => stage.sink.last().startsWith('failed'));
    expect(stage.sink.last()).toMatch(
      /^failed: The process that reads NVML ended with signal SIGKILL\. It is started again/,
    );
    stage.stub.update((m) => {
      (m.gpus[0] as Record<string, unknown>)['fan'] = 42;
    });
    await stage.until('read on', () => stage.newest(A, 'fan_speed') === 42);
    expect(pid()).not.toBe(first);
  });

  it('ends its process with itself', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0)] });
    await reads();
    const process = pid();
    expect(lives(process)).toBe(true);
    await stage.collector.stop();
    expect(lives(process)).toBe(false);
    const { length } = stage.sink.samples;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(stage.sink.samples).toHaveLength(length);
  });

  it('says that there is nothing to read where there is no library, and how to mend it', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0)] }, { library: 'libflotilla-no-such-library.so.1' });
    await stage.until('a state', () => stage.sink.states.length > 0);
    expect(stage.sink.last()).toMatch(
      /^unavailable: libflotilla-no-such-library\.so\.1 cannot be loaded .*: install the NVIDIA driver, mount its library into this container, or set nvml_library/,
    );
    expect(stage.sink.events).toEqual([]);
  });

  it('says what a package lacks that has no koffi, and names the other reader', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0)] }, { withKoffi: false });
    await stage.until('a state', () => stage.sink.states.length > 0);
    expect(stage.sink.last()).toMatch(
      /^failed: The reader nvml needs koffi\.node for linux .*use --reader nvidia-smi\.$/,
    );
    expect(stage.sink.last()).toContain(join(stage.folder, 'agent', 'koffi.node'));
  });

  it.each([
    [9, /^failed: The NVIDIA driver is not loaded/],
    [18, /^failed: The NVIDIA driver was upgraded .* until the host is rebooted/],
    [4, /^failed: NVML may not read the GPUs/],
    [999, /^failed: NVML cannot be initialised \(Unknown Error\)/],
  ])('names the code %i of the initialisation, and reads when it is mended', async (code, sentence) => {
    stage = await NvmlStage.open({ gpus: [hopper(0)], system: { driver: '999.10', init: `!${code}` } });
    await stage.until('failed', () => stage.sink.last().startsWith('failed'));
    expect(stage.sink.last()).toMatch(sentence);
    stage.stub.update((m) => {
      m.system = { driver: '999.10' };
    });
    await reads();
    expect(stage.sink.last()).toMatch(/^ok/);
  });

  it('initialises anew after the driver was reloaded, and tells of another version', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0)] });
    await stage.until('an inventory', () => stage.sink.devices[0]?.driverVersion === '999.10');
    stage.stub.update((m) => {
      (m.gpus[0] as Record<string, unknown>)['all'] = '!18';
      m.system['init'] = '!18';
    });
    await stage.until('failed', () => stage.sink.last().startsWith('failed'));
    expect(stage.sink.last()).toMatch(/driver was upgraded/);
    stage.stub.update((m) => {
      m.gpus = [hopper(0)];
      m.system = { driver: '999.20' };
    });
    await stage.until('the new version', () => stage.sink.devices[0]?.driverVersion === '999.20');
    // it is told a moment after the inventory
    await stage.until('the event', () => stage.sink.kinds().length >= 3);
    expect(stage.sink.kinds()).toEqual(['collector_fault', 'collector_recovered', 'driver_changed']);
  });

  it('reads on when one GPU is lost, whose every value is a fault', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0), hopper(1)] });
    await reads(B);
    stage.stub.update((m) => {
      (m.gpus[1] as Record<string, unknown>)['all'] = '!15';
    });
    await stage.until('told', () => stage.sink.said.get(B)?.unanswered !== undefined);
    expect(stage.sink.said.get(B)).toMatchObject({ unanswered: '[GPU is lost]' });
    expect([...new Set(stage.sink.of(B).at(-1)?.values.values())]).toEqual(['fault']);
    const { length } = stage.sink.of(A);
    await stage.until('the other is read on', () => stage.sink.of(A).length > length + 2);
    expect(stage.newest(A, 'temperature')).toBe(59);
    expect(stage.sink.devices.map((d) => [d.uuid, d.presence, d.health])).toEqual([
      [A, 'present', 'healthy'],
      [B, 'present', 'unhealthy'],
    ]);
    expect(stage.sink.kinds()).toContain('gpu_fault');
  });

  it('misses a GPU that is not there after a restart of its process', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0), hopper(1)] });
    await reads(B);
    stage.stub.update((m) => {
      m.gpus.pop();
      (m.gpus[0] as Record<string, unknown>)['fan'] = '~crash';
    });
    await stage.until('failed', () => stage.sink.last().startsWith('failed'));
    stage.stub.update((m) => {
      (m.gpus[0] as Record<string, unknown>)['fan'] = 42;
    });
    await stage.until('missed', () => stage.sink.kinds().includes('gpu_lost'));
    expect(stage.sink.presence()).toEqual({ [A]: 'present', [B]: 'missing' });
  });

  it('says so when the driver counts a GPU that it cannot name', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0), hopper(1, { handle: '!999' })] });
    await reads();
    expect(stage.sink.last()).toMatch(/^degraded: NVML gives nothing but errors for 1 GPU/);
  });

  it('tells an Xid when it happens, and samples on meanwhile', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0), hopper(1)], events: [{ gpu: 0, type: XID, data: 13 }] });
    await reads();
    const { length } = stage.sink.samples;
    await stage.until('samples while nothing happens', () => stage.sink.samples.length > length + 10);
    const at = performance.now();
    stage.stub.update((m) => m.events.push({ gpu: 1, type: XID, data: 79 }, { gpu: 0, type: 0x4000, data: 0 }));
    await stage.until('told', () => stage.sink.xids.length > 0);
    // the stand-in looks at its file every 10 ms
    expect(performance.now() - at).toBeLessThan(5_000);
    await stage.until('the other event', () => stage.sink.kinds().includes('gpu_unavailable'));
    // what was before the start is the kernel log's to tell
    expect(stage.sink.xids).toEqual([{ code: 79, device: B, busId: '00000000:11:00.0', line: '', source: 'nvml' }]);
    expect(stage.sink.events.find((e) => e.kind === 'gpu_unavailable')).toMatchObject({
      severity: 'critical',
      device: A,
    });
  });

  it('reads at another interval when it is told to', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0)] }, { intervalS: 5 });
    await reads();
    stage.collector.setInterval(0.1);
    const { length } = stage.sink.samples;
    await stage.until('ten more within a few seconds', () => stage.sink.samples.length > length + 10, 8_000);
  });
});
