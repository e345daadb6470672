import { detailsOf } from './device-details.js';

type Told = Parameters<typeof detailsOf>[0];
const wire = (more: Partial<Told>): Told => ({
  kind: 'gpu',
  migProfile: '',
  recoveryAction: '',
  attributes: {},
  nvlinks: [],
  vgpus: [],
  ...more,
});

it('what the agent did not tell is left out', () => expect(detailsOf(wire({}))).toEqual({}));

it('a MIG instance says which one it is', () => {
  expect(detailsOf(wire({ kind: 'mig', migProfile: '1g.10gb', gpuInstanceId: 9, computeInstanceId: 0 }))).toEqual({
    mig: { profile: '1g.10gb', gpu_instance_id: 9, compute_instance_id: 0 },
  });
});

it('keeps facts under decent names only, cut and cleaned', () => {
  const attributes = { architecture: 'Hopper', 'x"y': 'no', empty: '', long: 'y'.repeat(1000) };
  expect(detailsOf(wire({ attributes })).attributes).toEqual({ architecture: 'Hopper', long: 'y'.repeat(256) });
});

it('a speed is again what the driver said, and 0 is not known', () => {
  const link = { version: '', remoteBusId: '' };
  const nvlinks = [
    { ...link, index: 0, active: true, speedGbps: Math.fround(26.562) },
    { ...link, index: 1, active: false, speedGbps: 0 },
  ];
  expect(detailsOf(wire({ nvlinks })).nvlinks).toEqual([
    { index: 0, active: true, speed_gbps: 26.562, version: null, remote_bus_id: null },
    { index: 1, active: false, speed_gbps: null, version: null, remote_bus_id: null },
  ]);
});

it('lists the virtual GPUs', () => {
  const vgpus = [{ uuid: 'v1', type: 'GRID A100-10C', vmId: 'vm', vmName: '', memoryTotalMib: 10_240, licensed: true }];
  expect(detailsOf(wire({ vgpus })).vgpus).toEqual([
    {
      uuid: 'v1',
      type: 'GRID A100-10C',
      vm_id: 'vm',
      vm_name: null,
      memory_total_mib: 10_240,
      memory_used_mib: null,
      licensed: true,
    },
  ]);
});
