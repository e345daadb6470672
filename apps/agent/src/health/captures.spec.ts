/** The logs of real machines, which lie outside the repository (FLOTILLA_TEST_DATA). Counts are grep's. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  assess,
  busPlace,
  NEW_GPU,
  NEW_HOST,
  noteSxid,
  noteXid,
  readFabricLine,
  readKernelMessage,
} from '@flotilla/domain';
import type { GpuHealthState } from '@flotilla/domain';
import { testData } from '../../../../test/support/nvidia-smi-replay/index.js';
import { readRecord } from './logs/record.js';

const root = join(testData(), 'nvidia-smi');
const present = existsSync(join(root, 'kernel'));
if (!present)
  process.stdout.write(`no captures of kernel logs under ${root}: their tests are left out (FLOTILLA_TEST_DATA)\n`);
const real = present ? it : it.skip;
const linesOf = (...path: string[]) => readFileSync(join(root, ...path), 'utf8').split('\n');

/** GPUs of a log by their place on the bus, as the domain sees them. */
function read(name: string) {
  const gpus = new Map<string, GpuHealthState>();
  let lastMs = 0;
  for (const line of linesOf('kernel', name)) {
    const { message, atMs } = readRecord(line, Date.UTC(2025, 0, 1));
    const report = readKernelMessage(message);
    if (report?.kind !== 'xid') continue;
    lastMs = atMs ?? 0;
    const place = busPlace(report.busId);
    const xid = { code: report.code, line: message, atMs: lastMs, source: 'kernel' };
    gpus.set(place, noteXid(gpus.get(place) ?? NEW_GPU, xid).state);
  }
  return { gpus, health: (place: string) => assess(gpus.get(place) ?? NEW_GPU, NEW_HOST, lastMs) };
}

real('629 lines of Xid 13 and six of Xid 43 are two episodes of a workload, and nothing against the GPU', () => {
  const { gpus, health } = read('gpud__dmesg.decode.iso.log.0.txt');
  expect([...gpus.keys()]).toEqual(['0:38:00']);
  const { verdict, action, episodes } = health('0:38:00');
  expect([verdict, action]).toEqual(['unknown', 'none']);
  expect(episodes.map(({ code, class: of, count }) => `${code} ${of} ${count}`).sort()).toEqual([
    '13 application 629',
    '43 application 7',
  ]);
  const flood = episodes.find(({ code }) => code === 13);
  expect(new Date(flood!.firstMs).toISOString()).toBe('2025-01-21T02:21:33.498Z');
});

real('a GSP that does not answer (Xid 119) is one episode of five and asks for a reset', () => {
  const { gpus, health } = read('gpud__dmesg-with-xid-119.log');
  expect([...gpus.keys()]).toEqual(['0:9b:00']);
  expect(health('0:9b:00')).toMatchObject({
    verdict: 'unhealthy',
    action: 'reset_gpu',
    evidence: expect.stringMatching(
      /^NVRM: Xid \(PCI:0000:9b:00\): 119, pid=1240590, name=gpud, Timeout after 6s/,
    ) as string,
    episodes: [{ code: 119, count: 5 }],
  });
});

real('an uncorrectable error, its remapping and the contained rest (Xid 48, 63, 94) are three episodes', () => {
  const { health } = read('gpud__dmesg.0.log');
  const found = health('0:19:00');
  expect(found).toMatchObject({ verdict: 'unhealthy', action: 'reset_gpu' });
  expect(found.reason).toMatch(/^Xid 48/);
  expect(found.episodes.map(({ code, count }) => `${code} × ${count}`).sort()).toEqual(['48 × 1', '63 × 1', '94 × 9']);
});

real('records of /dev/kmsg without any error are read to the number and find nothing', () => {
  const records = linesOf('kernel', 'gpud__kmsg.1.log')
    .filter((line) => line !== '')
    .map((line) => readRecord(line, 0));
  expect(records).toHaveLength(47);
  expect(records[0]).toEqual({ seq: 3964, atMs: 206_764.307, message: 'nvidia-nvswitch2: open (major=510)' });
  expect(records.map(({ message }) => readKernelMessage(message)).filter(Boolean)).toEqual([]);
});

real('the log of a Fabric Manager has one harmless episode, and ends well', () => {
  const reports = linesOf('fabric', 'gpud__fabric-manager.0.log').flatMap((line) => readFabricLine(line) ?? []);
  expect(new Set(reports.map(({ kind }) => kind))).toEqual(new Set(['sxid', 'started']));
  let host = NEW_HOST;
  for (const { code = 0, fatal, busId = '', time } of reports.filter(({ kind }) => kind === 'sxid')) {
    host = noteSxid(host, {
      code,
      fatal,
      busId,
      line: '',
      atMs: Date.parse(`${time} UTC`),
      source: 'fabric-manager',
    }).state;
  }
  expect(host.conditions).toEqual([]);
  expect(host.episodes).toMatchObject([{ kind: 'sxid', code: 12028, counts: { 'fabric-manager': 18 } }]);
});
