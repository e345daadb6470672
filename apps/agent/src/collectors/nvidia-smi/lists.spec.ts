/** What the other calls of the tool print: NVLinks and virtual GPUs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricId } from '@flotilla/domain';
import { testData } from '../../../../../test/support/nvidia-smi-replay/index.js';
import type { GpuInventory } from '../gpu/shape.js';
import { parseNvlinks, withNvlinks } from './nvlink-list.js';
import { mayCarryVgpus, parseVgpus, withVgpus } from './vgpu-list.js';

const inventory = (attributes = {}): GpuInventory => ({
  gpus: [
    {
      uuid: 'GPU-a',
      facts: { busId: '00000000:01:00.0' },
      attributes,
      values: new Map(),
      signals: {},
      nvlinks: [],
      vgpus: [],
      mig: [],
      processes: [],
    },
  ],
});
const HEAD = 'GPU 0: NVIDIA H100 (board) (UUID: GPU-a)\n';
const STATE = `${HEAD}\t Link 0: 26.562 GB/s\n\t Link 1: <inactive>\n\t Link 2: 26.562 GB/s\n`;
const errors = (crc: number) =>
  HEAD +
  [0, 2]
    .map(
      (i) => `\t Link ${i}: Replay Errors: 3\n\t Link ${i}: Recovery Errors: 0\n\t Link ${i}: CRC Errors: ${crc}\n\n`,
    )
    .join('');
const data = (kib: number | 'N/A') =>
  HEAD +
  [0, 2]
    .map((i) => `\t Link ${i}: Data Tx: ${kib}${kib === 'N/A' ? '' : ' KiB'}\n\t Link ${i}: Data Rx: 0 KiB\n`)
    .join('');

describe('NVLinks', () => {
  it('are counted over all of a GPU, down ones are named, data becomes a rate', () => {
    const before = parseNvlinks(STATE + errors(1) + data(1_000));
    const now = parseNvlinks(STATE + errors(5) + data(31_000));
    // two links of 30,000 KiB more in a minute: 60,000 × 1.024 ÷ 60 kB/s
    const [gpu] = withNvlinks(inventory(), now, before, 60_000).gpus;
    expect(Object.fromEntries(gpu!.values)).toEqual({
      [metricId('nvlink_active_links')]: 2,
      [metricId('nvlink_crc_errors')]: 10,
      [metricId('nvlink_replay_errors')]: 6,
      [metricId('nvlink_recovery_errors')]: 0,
      [metricId('nvlink_tx')]: 1024,
      [metricId('nvlink_rx')]: 0,
    });
    expect(gpu!.nvlinks).toEqual([
      { index: 0, active: true, speedGbps: 26.562 },
      { index: 1, active: false },
      { index: 2, active: true, speedGbps: 26.562 },
    ]);
    expect(gpu!.signals).toEqual({ inactiveNvlinks: [1] });
  });

  it.each([
    ['the first reading', '', data(5)],
    ['counters that began anew', data(9), data(5)],
    ['a driver that does not count', data('N/A'), data('N/A')],
  ])('have no rate after %s', (_, before, now) => {
    const [gpu] = withNvlinks(inventory(), parseNvlinks(STATE + now), parseNvlinks(before), 60_000).gpus;
    expect(gpu!.values.has(metricId('nvlink_tx'))).toBe(false);
  });

  it('are none where the driver has a sentence in their place', () => {
    const said = parseNvlinks(`${HEAD}Device does not have or support Nvlink\n`);
    expect(withNvlinks(inventory(), said, new Map(), 0)).toEqual(inventory());
  });

  const captures = join(testData(), 'nvidia-smi', 'captures');
  const seen = existsSync(captures)
    ? readdirSync(captures).filter((name) => existsSync(join(captures, name, 'cap.nvlink-s.txt')))
    : [];
  if (seen.length === 0) it.skip(`real answers of nvlink -s are not at ${captures}`, () => {});
  else
    it.each(seen)('of %s', (name) => {
      const text = readFileSync(join(captures, name, 'cap.nvlink-s.txt'), 'utf8');
      const [gpu] = [...parseNvlinks(text).values()];
      expect(gpu?.links.map((link) => link.speedGbps)).toEqual(
        [...text.matchAll(/Link \d+: ([\d.]+) GB/g)].map((m) => Number(m[1])),
      );
      expect(gpu?.links).toHaveLength(name.includes('h100-80gb') ? 18 : 0);
    });
});

describe('virtual GPUs', () => {
  const TEXT = `GPU 00000000:01:00.0
    Active vGPUs                          : 2
    vGPU ID                               : 3251634190
        VM UUID                           : ee7b7a4b-388a-4357-a425-5318b2c65b3f
        VM Name                           : win10,debug: on
        vGPU Name                         : GRID A100-10C
        vGPU Type                         : 525
        vGPU UUID                         : 11111111-2222-3333-4444-555555555555
        MDEV UUID                         : 00000000-0000-0000-0000-000000000101
        License Status                    : Licensed (Expiry: 2027-1-1 0:0:0 GMT)
        GPU Instance ID                   : N/A
        PCI
            Bus Id                        : 00000000:02:00.0
        FB Memory Usage
            Total                         : 10240 MiB
            Used                          : 1024 MiB
            Free                          : 9216 MiB
        Utilization
            Gpu                           : 3 %
    vGPU ID                               : 3251634191
        VM UUID                           :
        VM Name                           :
        vGPU Name                         : GRID A100-10C
        vGPU UUID                         :
        MDEV UUID                         : 00000000-0000-0000-0000-000000000102
        License Status                    : N/A (Expiry: N/A)

GPU 00000000:41:00.0
    Active vGPUs                          : 0
`;

  it('are listed under the GPU that carries them', () => {
    const [gpu] = withVgpus(inventory(), parseVgpus(TEXT)).gpus;
    expect(gpu!.vgpus).toEqual([
      {
        uuid: '11111111-2222-3333-4444-555555555555',
        type: 'GRID A100-10C',
        vmId: 'ee7b7a4b-388a-4357-a425-5318b2c65b3f',
        vmName: 'win10,debug: on',
        memoryTotalMib: 10_240,
        licensed: true,
      },
      { uuid: '00000000-0000-0000-0000-000000000102', type: 'GRID A100-10C' },
    ]);
    expect(parseVgpus(TEXT).get('0:41:00.0')).toEqual([]);
  });

  it('are asked for on the host of a hypervisor only', () => {
    expect(mayCarryVgpus(inventory({ host_vgpu_mode: 'SR-IOV' }))).toBe(true);
    expect(mayCarryVgpus(inventory())).toBe(false);
    expect(parseVgpus('No supported devices in vGPU mode\n').size).toBe(0);
  });
});
