import { appendFileSync } from 'node:fs';
import { systemClock } from '../../../apps/agent/src/clock.js';
import { silentLog } from '../../../apps/agent/src/log.js';
import { Spool } from '../../../apps/agent/src/spool/spool.js';

/**
 * Appends numbered entries as fast as it can until it is killed, and writes down in a file of its own what the spool
 * said is durable: `node spool-writer.mjs <spool folder> <truth file> <first number>`.
 */
const [folder = '', truth = '', first = '1'] = process.argv.slice(2);
const spool = new Spool({
  folder,
  maxBytes: 64 << 20,
  maxAgeMs: 86_400_000,
  memoryBytes: 1 << 20,
  clock: systemClock,
  log: silentLog,
});
for (let n = Number(first); ;) {
  for (let i = 0; i < 50; i++, n++) {
    spool.append({
      kind: 'event',
      atMs: n,
      event: 'numbered',
      severity: 'low',
      device: '',
      message: 'x'.repeat(n % 997),
      detailsJson: '',
    });
  }
  await spool.flush();
  appendFileSync(truth, `${n - 1}\n`);
}
