import type { Command } from './command.js';
import { paintFor, widthFor } from './paint.js';
import { look } from './scan/look.js';
import { isTrouble, sheet } from './scan/sheet.js';
import { metricById } from '@flotilla/domain';
import { say } from './say.js';

/** One look at this host, on one screen. */
export const scan: Command = async ({ settings, line, env }) => {
  const facts = await look(settings());
  if (line.flags.json) {
    const { values, checks, at, ...rest } = facts;
    const readings = [...values].map(([device, known]) => [
      device,
      Object.fromEntries([...known].map(([metric, reading]) => [metricById(metric)?.name ?? String(metric), reading])),
    ]);
    say(JSON.stringify({ at: at.toISOString(), ...rest, readings: Object.fromEntries(readings), checks }, null, 2));
  } else {
    for (const text of sheet(facts, paintFor(process.stdout, env), widthFor(process.stdout))) say(text);
  }
  if (isTrouble(facts)) return 1;
  return facts.devices.some(({ kind }) => kind === 'gpu') ? 0 : 3;
};
