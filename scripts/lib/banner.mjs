import { join, relative } from 'node:path';

/** What a person needs after the start: where, who, and how to add a host. */
export function banner({ ready, invitation, demo, dataDir, seconds }) {
  const place = relative(process.cwd(), dataDir);
  const folder = place === '' || place.startsWith('..') ? dataDir : place;
  const lines = ['', `Flotilla serves at ${ready.address} (ready after ${seconds.toFixed(1)} s)`];
  if (demo) lines.push('Everything in it is simulated: no machine is real, no dollar was spent.');
  const { owner } = ready;
  if (owner?.password) {
    lines.push(
      '',
      `  First owner   ${owner.email}`,
      `  Password      ${owner.password}`,
      `  (shown this once; ${join(folder, 'first-owner.txt')} keeps it until the first login)`,
    );
  } else if (owner) {
    lines.push('', `  First owner   ${owner.email} (with the password that was given)`);
  }
  if (invitation && !demo) {
    lines.push(
      '',
      '  Add a GPU host: run this there (for one host, within 24 hours):',
      `    ${invitation.installCommand}`,
    );
    if (invitation.note) lines.push(`    ${invitation.note}`);
  }
  lines.push('', `  API ${ready.address}/docs   data and logs ${folder}   stop with Ctrl-C`, '');
  return lines.join('\n');
}
