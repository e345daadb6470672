import fc from 'fast-check';
import { readRecord } from './record.js';

const BOOT = Date.UTC(2026, 0, 1);
const XID = 'NVRM: Xid (PCI:0000:9b:00): 79, GPU has fallen off the bus.';

it.each([
  [`4,17,2000000,-;${XID}`, 17, BOOT + 2_000],
  [`4,17,2000000,-,caller=T1;${XID}`, 17, BOOT + 2_000],
  [`<4>[    2.000000] ${XID}`, null, BOOT + 2_000],
  [`[    2.000000] ${XID}`, null, BOOT + 2_000],
  [`2025-01-21T02:21:33,498559+00:00 ${XID}`, null, Date.UTC(2025, 0, 21, 2, 21, 33, 498)],
  [`kern  :warn  : 2025-01-21T02:21:33,498559+01:00 ${XID}`, null, Date.UTC(2025, 0, 21, 1, 21, 33, 498)],
  [`[Sun Feb 23 16:24:18 2025] ${XID}`, null, new Date(2025, 1, 23, 16, 24, 18).getTime()],
  [`Jan  5 13:00:00 gpu-host kernel: [    2.000000] ${XID}`, null, BOOT + 2_000],
  [`Jan  5 13:00:00 gpu-host kernel: ${XID}`, null, null],
  [XID, null, null],
])('reads %s', (line, seq, atMs) => expect(readRecord(line, BOOT)).toEqual({ seq, atMs, message: XID }));

it('reads anything, and never makes it longer', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      expect(readRecord(text, BOOT).message.length).toBeLessThanOrEqual(500);
    }),
  );
});
