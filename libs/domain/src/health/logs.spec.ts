import fc from 'fast-check';
import { readFabricLine } from './fabric-log.js';
import { busPlace, readKernelMessage } from './kernel-line.js';

it.each([
  [
    "NVRM: Xid (PCI:0000:38:00): 13, pid='<unknown>', name=<unknown>, Graphics SM Warp Exception",
    { kind: 'xid', code: 13, busId: '0000:38:00' },
  ],
  ['NVRM: Xid (0000:03:00): 14, Channel 00000001', { kind: 'xid', code: 14, busId: '0000:03:00' }],
  ['NVRM: Xid (PCI:0000:01:00 GPU-I:05): 94, pid=7194, Contained', { kind: 'xid', code: 94, busId: '0000:01:00' }],
  [
    'NVRM: Xid (PCI:0000:9b:00): 154, GPU recovery action changed from 0x0 (None) to 0x2 (Node Reboot Required)',
    { kind: 'xid', code: 154, busId: '0000:9b:00', recoveryAction: 'Node Reboot Required' },
  ],
  [
    'nvidia-nvswitch3: SXid (PCI:0000:05:00.0): 12028, Non-fatal, Link 32 egress non-posted PRIV error (First)',
    { kind: 'sxid', code: 12028, busId: '0000:05:00.0', fatal: false },
  ],
  [
    'nvidia-nvswitch0: SXid (PCI:0000:00:00.0): 20034, Fatal, Link 30 LTSSM Fault Up',
    { kind: 'sxid', code: 20034, busId: '0000:00:00.0', fatal: true },
  ],
  ['nvidia-nvswitch3: SXid (PCI:0000:c1:00.0): 28006, Severity 0 Engine instance 46', null],
  ['NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64  570.124.06', { kind: 'driver_loaded' }],
  [
    'NVRM: GPU at PCI:0000:9b:00: GPU-509665ad-b600-ac93-3616-d754b23d636d',
    { kind: 'gpu_at', busId: '0000:9b:00', uuid: 'GPU-509665ad-b600-ac93-3616-d754b23d636d' },
  ],
  ['NVRM: GPU4 GSP RPC buffer contains function 103', null],
  ['IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready', null],
])('reads %s', (message, report) => expect(readKernelMessage(message)).toEqual(report));

it('reads anything without a fault', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300, unit: 'binary' }), (text) => {
      readKernelMessage(text);
      readKernelMessage(`NVRM: Xid (${text}): ${text}`);
      readFabricLine(text);
      busPlace(text);
    }),
  );
});

it.each(['00000000:0B:00.0', '0000:0B:00', '0b:00.0', '0000:0b:00.0', '0:b:0'])('%s is one place', (spelling) => {
  expect(busPlace(spelling)).toBe('0:0b:00');
});
it('keeps domains apart', () => expect(busPlace('00010000:0B:00.0')).toBe('10000:0b:00'));

it.each([
  [
    '[Dec 19 2024 19:17:49] [ERROR] [tid 1374] detected NVSwitch non-fatal error 12028 on fid 0 on NVSwitch pci bus id 00000000:83:00.0 physical id 0 port 34',
    { kind: 'sxid', fatal: false, code: 12028, busId: '00000000:83:00.0', time: 'Dec 19 2024 19:17:49' },
  ],
  [
    '[Dec 19 2024 22:09:00] [INFO] [tid 1570] Successfully configured all the available NVSwitches to route GPU NVLink traffic.',
    { kind: 'started', fatal: false, time: 'Dec 19 2024 22:09:00' },
  ],
  [
    '[Jan 02 2026 10:00:00] [ERROR] [tid 9] failed to initialize NVSwitch devices',
    { kind: 'failed', fatal: true, time: 'Jan 02 2026 10:00:00' },
  ],
  ['[Dec 18 2024 20:50:46] [INFO] [tid 1584] multicast group 0 is freed.', null],
  ['[Dec 19 2024 22:08:53] [INFO] [tid 1570] Abort CUDA jobs when FM exits = 1', null],
  ['Message payload details:Team release request: Team Handle:78cdb1f7062f4f83 Flags:0', null],
])('reads the line of the Fabric Manager %s', (line, report) => expect(readFabricLine(line)).toEqual(report));
