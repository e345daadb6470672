import { GpuCensus } from './census.js';
import { FORGET_AFTER_MS, type KnownGpu } from './known-gpus.js';
import type { GpuDetail, GpuInventory } from './shape.js';

const gpu = (uuid: string, index = 0, lastSeenMs = 0): KnownGpu => ({
  uuid,
  index,
  busId: `00000000:0${index + 1}:00.0`,
  lastSeenMs,
});
const uuids = (list: readonly KnownGpu[]) => list.map((g) => g.uuid);
const listing = (census: GpuCensus, nowMs: number, ...names: string[]) => {
  names.forEach((uuid, i) => census.saw(gpu(uuid, i, nowMs)));
  const { lost, appeared } = census.listed(new Set(names), nowMs);
  return { lost: uuids(lost), appeared: uuids(appeared) };
};
const nothing = { lost: [], appeared: [] };

describe('which GPUs are here', () => {
  it('the first listing is no news; one that comes later is', () => {
    const census = new GpuCensus([]);
    expect(listing(census, 0, 'GPU-a', 'GPU-b')).toEqual(nothing);
    expect(listing(census, 1, 'GPU-a', 'GPU-b', 'GPU-c')).toEqual({ lost: [], appeared: ['GPU-c'] });
  });

  it('one listing without a GPU is a stumble, two are a loss; it is told once', () => {
    const census = new GpuCensus([]);
    listing(census, 0, 'GPU-a', 'GPU-b');
    expect(listing(census, 1, 'GPU-b')).toEqual(nothing);
    expect(listing(census, 2, 'GPU-b')).toEqual({ lost: ['GPU-a'], appeared: [] });
    expect(listing(census, 3, 'GPU-b')).toEqual(nothing);
    expect(listing(census, 4, 'GPU-a', 'GPU-b')).toEqual({ lost: [], appeared: ['GPU-a'] });
  });

  it('a GPU known from before the start is missed at the first listing, and the others are no news', () => {
    const census = new GpuCensus([gpu('GPU-a', 0), gpu('GPU-b', 1)]);
    expect(listing(census, 1, 'GPU-b')).toEqual({ lost: ['GPU-a'], appeared: [] });
  });

  it('the index moves when one drops out: the uuid stays, and the missing one has none', () => {
    const census = new GpuCensus([]);
    listing(census, 0, 'GPU-a', 'GPU-b');
    listing(census, 1, 'GPU-b');
    listing(census, 2, 'GPU-b');
    expect(census.devices().map((d) => [d.uuid, d.index, d.presence, d.health])).toEqual([
      ['GPU-a', undefined, 'missing', 'unhealthy'],
      ['GPU-b', 0, 'present', 'unknown'],
    ]);
  });

  it('a week later a missing one is forgotten', () => {
    const census = new GpuCensus([]);
    listing(census, 0, 'GPU-a', 'GPU-b');
    listing(census, 1, 'GPU-b');
    listing(census, FORGET_AFTER_MS, 'GPU-b');
    expect(uuids(census.missing)).toEqual(['GPU-a']);
    listing(census, FORGET_AFTER_MS + 1, 'GPU-b');
    expect(uuids(census.known)).toEqual(['GPU-b']);
  });
});

describe('MIG instances', () => {
  const mig = (index: number, gpuInstance: number, more: object = {}) => ({
    index,
    gpuInstance,
    computeInstance: 0,
    memoryTotalMib: 9984,
    attributes: {},
    values: new Map(),
    ...more,
  });
  const detail = (...instances: GpuDetail['mig']): GpuInventory => ({
    gpus: [
      {
        uuid: 'GPU-a',
        facts: { busId: '00000000:01:00.0', model: 'NVIDIA H100' },
        attributes: { vbios_version: '96.00' },
        values: new Map(),
        signals: { recoveryAction: 'None' },
        nvlinks: [{ index: 0, active: true, speedGbps: 26.562 }],
        vgpus: [],
        mig: instances,
        processes: [],
      },
    ],
  });

  it('carry the uuid of the driver, or a name made of where they are', () => {
    const census = new GpuCensus([]);
    listing(census, 0, 'GPU-a');
    census.detailed(detail(mig(0, 9, { uuid: 'MIG-c6d4', profile: '1g.10gb' }), mig(1, 10)), 0);
    expect(census.devices().map((d) => [d.kind, d.uuid, d.parentUuid, d.model, d.memoryTotalMib])).toEqual([
      ['gpu', 'GPU-a', undefined, 'NVIDIA H100', undefined],
      ['mig', 'MIG-c6d4', 'GPU-a', 'NVIDIA H100 MIG 1g.10gb', 9984],
      ['mig', 'MIG-GPU-a/10/0', 'GPU-a', 'NVIDIA H100', 9984],
    ]);
    expect(census.devices()[1]).toMatchObject({ migProfile: '1g.10gb', gpuInstanceId: 9, computeInstanceId: 0 });
    expect(census.migDevice('GPU-a', 9, 0)).toBe('MIG-c6d4');
    expect(census.migDevice('GPU-a', 7)).toBeUndefined();
  });

  it('are gone when the next slow reading has none; what the GPU is stays', () => {
    const census = new GpuCensus([]);
    listing(census, 0, 'GPU-a');
    census.detailed(detail(mig(0, 9)), 0);
    census.detailed(detail(), 1);
    expect(census.devices()).toEqual([
      expect.objectContaining({
        kind: 'gpu',
        recoveryAction: 'None',
        attributes: { vbios_version: '96.00' },
        nvlinks: [{ index: 0, active: true, speedGbps: 26.562 }],
      }),
    ]);
    expect(census.devices()[0]).not.toHaveProperty('vgpus');
  });
});
