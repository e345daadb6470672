/** Slow facts, processes, MIG instances and old drivers, from the stand-in for the driver. */
import { jest } from '@jest/globals';
import { hopper, type StubGpu } from '../../../../../test/support/nvml-stub/index.js';
import { describeNvml } from '../../../../../test/support/nvml-stub/program.js';
import { NvmlStage } from '../../../../../test/support/nvml-stub/stage.js';

jest.setTimeout(30_000);
const MIB = 1024 * 1024;
const A = 'GPU-00000000-0000-0000-0000-000000000001';

/** A board in two slices: the first holds two compute instances. */
const sliced = (values: StubGpu = {}): StubGpu =>
  hopper(0, {
    mig_mode: 1,
    mig_mode_pending: 1,
    'utilization.gpu': '!3',
    'utilization.memory': '!3',
    'link.0': '!3',
    'mig.count': 7,
    ...instance(0, 'MIG-0a', 2, 0, '1c.3g.40gb', 30, 20480),
    ...instance(1, 'MIG-0b', 2, 1, '1c.3g.40gb', 30, 1024),
    // numbers have gaps
    ...instance(4, 'MIG-1', 9, 0, '1g.10gb', 16, 512),
    'mig.0.bar1.used': 26 * MIB,
    'mig.0.ecc.location.7': 6,
    'gi.2.gpm.1': 80.5,
    'gi.2.gpm.2': 70.25,
    'gi.9.gpm.1': 0,
    'gi.9.gpm.2': 0,
    ...values,
  });
const instance = (n: number, uuid: string, gi: number, ci: number, profile: string, sms: number, used: number) => ({
  [`mig.${n}.uuid`]: uuid,
  [`mig.${n}.name`]: `Test Board 80GB MIG ${profile}`,
  [`mig.${n}.gpu_instance`]: gi,
  [`mig.${n}.compute_instance`]: ci,
  [`mig.${n}.multiprocessors`]: sms,
  [`mig.${n}.memory.total`]: 40448 * MIB,
  [`mig.${n}.memory.reserved`]: 0,
  [`mig.${n}.memory.free`]: (40448 - used) * MIB,
  [`mig.${n}.memory.used`]: used * MIB,
});

describeNvml('the reader nvml', () => {
  let stage: NvmlStage;
  afterEach(() => stage.close());
  const inventory = () => stage.until('an inventory', () => stage.sink.processList !== null);

  it('says what a board is, in the words of nvidia-smi', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0)] });
    await inventory();
    expect(stage.sink.devices[0]).toMatchObject({
      kind: 'gpu',
      uuid: A,
      index: 0,
      model: 'Test Board 80GB',
      serial: '1650000000000',
      pciBusId: '00000000:10:00.0',
      driverVersion: '999.10',
      migEnabled: false,
      presence: 'present',
      health: 'healthy',
      recoveryAction: 'None',
      attributes: {
        architecture: 'Hopper',
        brand: 'NVIDIA',
        vbios_version: '96.00.00.00.01',
        gsp_firmware_version: '999.10',
        cuda_version: '13.1',
        compute_capability: '9.0',
        compute_mode: 'Default',
        persistence_mode: 'Enabled',
        ecc_mode: 'Enabled',
        virtualization_mode: 'Pass-Through',
        pcie_generation_max: '5',
        fabric_state: 'Completed',
        fabric_status: 'Success',
        fabric_clique_id: '5',
        module_id: '7',
      },
      nvlinks: [
        { index: 0, active: true, speedGbps: 26.562, version: '4.0', remoteBusId: '00000008:00:00.0' },
        { index: 1, active: false },
      ],
    });
    await stage.until('signals', () => stage.sink.said.get(A)?.fabricState !== undefined);
    expect(stage.sink.said.get(A)).toEqual({
      recoveryAction: 'None',
      sramThresholdExceeded: false,
      repairPending: false,
      fabricState: 'Completed',
      fabricStatus: 'Success',
      inactiveNvlinks: [1],
    });
  });

  it.each([
    ['field.230', 1, { recoveryAction: 'Reset' }],
    ['field.230', 4, { recoveryAction: 'Drain and Reset' }],
    ['field.230', 17, { recoveryAction: 'Action 17' }],
    ['sram_threshold', 1, { sramThresholdExceeded: true }],
    ['repair.tpc', 1, { repairPending: true }],
    ['unrepairable', 1, { unrepairableMemory: true }],
    ['field.226', 1, { resetRequired: true }],
    ['field.227', 1, { drainAndResetRecommended: true }],
    ['fan', '!14', { infoRomCorrupted: true, fault: '[Corrupted infoROM]' }],
    ['fabric.status', 6, { fabricStatus: 'Error 6' }],
    ['fabric.state', 2, { fabricState: 'In Progress' }],
    ['temperature', '!16', { resetRequired: true, fault: '[GPU requires reset]' }],
  ])('tells what ails a board: %s is %s', async (key, value, told) => {
    stage = await NvmlStage.open({ gpus: [hopper(0, { [key]: value })] });
    await inventory();
    await stage.until('signals', () => stage.sink.said.get(A)?.fabricState !== undefined);
    expect(stage.sink.said.get(A)).toMatchObject(told);
  });

  it('lists who uses a board, and how much of it', async () => {
    stage = await NvmlStage.open({
      system: { driver: '999.10', 'process.4711': 'python train.py --sizes 1, 2', 'process.4712': '/usr/bin/Xorg' },
      gpus: [
        hopper(0, {
          'compute.0': `4711 ${2296 * MIB} -1 -1`,
          // the driver does not tell its memory, and does not know its name any more
          'compute.1': '4713 -1 -1 -1',
          'graphics.0': `4712 ${12 * MIB} -1 -1`,
          'graphics.1': `4711 ${2296 * MIB} -1 -1`,
          'sample.0': '4711 40',
          'sample.1': '4711 60',
          'sample.2': '4712 101',
        }),
      ],
    });
    await inventory();
    const list = [...(stage.sink.processList ?? [])].sort((a, b) => a.pid - b.pid);
    expect(list).toMatchObject([
      // (40 + 60) / 2
      { device: A, pid: 4711, name: 'python train.py --sizes 1, 2', type: 'C+G', usedMemoryMib: 2296, smPercent: 50 },
      { device: A, pid: 4712, name: '/usr/bin/Xorg', type: 'G', usedMemoryMib: 12 },
      { device: A, pid: 4713, name: '', type: 'C' },
    ]);
    expect(list[1]?.smPercent).toBeUndefined();
    expect(list[2]?.usedMemoryMib).toBeUndefined();
  });

  it('does not call processes "none" that the driver does not let it see', async () => {
    stage = await NvmlStage.open({ gpus: [hopper(0, { 'compute.0': '!4' })] });
    await stage.until('an inventory', () => stage.sink.devices[0]?.attributes?.['vbios_version'] !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(stage.sink.processList).toBeNull();
  });

  it('reads each MIG instance by itself: memory, activity, processes', async () => {
    stage = await NvmlStage.open({
      gpus: [sliced({ 'compute.0': `99 ${512 * MIB} 9 0`, 'compute.1': `98 ${20480 * MIB} 2 1` })],
    });
    await inventory();
    await stage.until('activity', () => stage.newest('MIG-0a', 'sm_activity') !== undefined);
    const metrics = ['gpu_utilization', 'sm_activity', 'memory_used_mib', 'memory_utilization'] as const;
    expect(stage.values('MIG-0a', ['bar1_used_mib', 'ecc_errors_uncorrected'])).toEqual({
      bar1_used_mib: 26,
      ecc_errors_uncorrected: 6,
    });
    expect(stage.values('MIG-0a', metrics)).toEqual({
      gpu_utilization: 80.5,
      sm_activity: 70.25,
      memory_used_mib: 20480,
      memory_utilization: (20480 / 40448) * 100,
    });
    // two compute instances share the counters of their GPU instance
    expect(stage.values('MIG-0b', ['gpu_utilization', 'memory_used_mib'])).toEqual({
      gpu_utilization: 80.5,
      memory_used_mib: 1024,
    });
    // measured, and idle
    expect(stage.values('MIG-1', ['gpu_utilization', 'sm_activity'])).toEqual({ gpu_utilization: 0, sm_activity: 0 });
    expect(stage.values(A, ['gpu_utilization', 'sm_activity', 'temperature'])).toEqual({
      gpu_utilization: 'unsupported',
      sm_activity: 62.25,
      temperature: 59,
    });
    expect(
      stage.sink.devices.map((d) => [d.kind, d.uuid, d.index, d.migProfile, d.gpuInstanceId, d.computeInstanceId]),
    ).toEqual([
      ['gpu', A, 0, undefined, undefined, undefined],
      ['mig', 'MIG-0a', 0, '1c.3g.40gb', 2, 0],
      ['mig', 'MIG-0b', 1, '1c.3g.40gb', 2, 1],
      ['mig', 'MIG-1', 4, '1g.10gb', 9, 0],
    ]);
    expect(stage.sink.processList?.map((p) => [p.pid, p.device])).toEqual([
      [99, 'MIG-1'],
      [98, 'MIG-0b'],
    ]);
    // MIG is switched off: the instances are gone, the board has a utilisation again
    stage.stub.update((m) => (m.gpus = [hopper(0)]));
    await stage.until('a utilisation', () => stage.newest(A, 'gpu_utilization') === 61);
    const { length } = stage.sink.of('MIG-1');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(stage.sink.of('MIG-1')).toHaveLength(length);
  });

  it('says that the activity of an instance is not to be had where the board has no counters', async () => {
    stage = await NvmlStage.open({ gpus: [sliced({ gpm: 0 })] });
    await stage.until('a sample', () => stage.sink.of('MIG-1').length > 1);
    expect(stage.values('MIG-1', ['gpu_utilization', 'memory_used_mib'])).toEqual({
      gpu_utilization: 'unsupported',
      memory_used_mib: 512,
    });
  });

  it('lists the virtual GPUs that a board of a hypervisor carries', async () => {
    stage = await NvmlStage.open({
      system: {
        driver: '999.10',
        'vgpu.3.uuid': 'aaaa-bbbb',
        'vgpu.3.vm': 'vm-1234',
        'vgpu.3.type': 601,
        'vgpu.3.used': 300 * MIB,
        'vgpu-type.601.name': 'GRID A100-10C',
        'vgpu-type.601.total': 10240 * MIB,
      },
      gpus: [hopper(0, { 'vgpu.0': 3, virtualization_mode: 3 })],
    });
    await inventory();
    expect(stage.sink.devices[0]?.vgpus).toEqual([
      { uuid: 'aaaa-bbbb', type: 'GRID A100-10C', vmId: 'vm-1234', memoryTotalMib: 10240, memoryUsedMib: 300 },
    ]);
    expect(stage.sink.devices[0]?.attributes?.['virtualization_mode']).toBe('Host VGPU');
  });

  it('reads an old driver by the older names of the same calls', async () => {
    const lacks = [
      ...['nvmlInit_v2', 'nvmlDeviceGetCount_v2', 'nvmlDeviceGetHandleByIndex_v2', 'nvmlDeviceGetMemoryInfo_v2'],
      ...['nvmlDeviceGetTemperatureV', 'nvmlDeviceGetMarginTemperature', 'nvmlDeviceGetCurrentClocksEventReasons'],
      ...['nvmlDeviceGetComputeRunningProcesses_v3', 'nvmlDeviceGetGraphicsRunningProcesses_v3', 'nvmlEventSetWait_v2'],
      ...['nvmlDeviceGetJpgUtilization', 'nvmlDeviceGetOfaUtilization', 'nvmlDeviceGetGpuFabricInfoV'],
      ...['nvmlGpmQueryDeviceSupport', 'nvmlDeviceGetSramEccErrorStatus', 'nvmlDeviceGetRepairStatus'],
    ];
    const values: StubGpu = { energy: '5000@1000', 'retired.0': 6, 'retired.1': 7, 'retired.pending': 1 };
    const rows: StubGpu = { 'rows.correctable': 8, 'rows.uncorrectable': 9, 'rows.pending': 1, 'rows.failure': 0 };
    const all = hopper(0, { ...values, ...rows, 'pcie.replays': 21, 'compute.0': `4711 ${64 * MIB} -1 -1` });
    // no field of the batch is known
    const gpu = Object.fromEntries(Object.entries(all).filter(([key]) => !key.startsWith('field.')));
    stage = await NvmlStage.open({ gpus: [gpu] }, { lacks });
    await inventory();
    await stage.until('slow values', () => stage.newest(A, 'remapped_rows_correctable') !== undefined);
    expect(
      stage.values(A, [
        'temperature',
        'temperature_margin',
        'memory_used_mib',
        'memory_reserved_mib',
        'throttle_reasons',
        'jpeg_utilization',
        'retired_pages_single_bit',
        'retired_pages_double_bit',
        'retired_pages_pending',
        'remapped_rows_correctable',
        'remapped_rows_pending',
        'pcie_replays',
        'power_draw_instant',
        'sm_activity',
      ]),
    ).toEqual({
      temperature: 59,
      temperature_margin: 'unsupported',
      // used and reserved are one number to the first version of the call: 19818 + 479
      memory_used_mib: 20297,
      memory_reserved_mib: 'unsupported',
      throttle_reasons: 4,
      jpeg_utilization: 'unsupported',
      retired_pages_single_bit: 6,
      retired_pages_double_bit: 7,
      retired_pages_pending: 1,
      remapped_rows_correctable: 8,
      remapped_rows_pending: 1,
      pcie_replays: 21,
      power_draw_instant: 'unsupported',
      sm_activity: 'unsupported',
    });
    expect(stage.newest(A, 'energy')).toBeGreaterThan(0);
    expect(stage.sink.processList).toMatchObject([{ pid: 4711, usedMemoryMib: 64 }]);
  });
});
