import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPT = `#!/usr/bin/env node
// systemctl as far as the agent uses it: start, stop, is-active, on unit states kept as files
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
const [verb, dashes, ...units] = process.argv.slice(2);
const folder = FOLDER;
appendFileSync(folder + '/calls', JSON.stringify(process.argv.slice(2)) + '\\n');
const path = (unit) => folder + '/' + unit;
if (dashes !== '--' || units.length === 0) { console.error('Too few arguments.'); process.exit(1); }
const missing = units.find((unit) => !existsSync(path(unit)));
if (verb !== 'is-active' && missing) {
  console.error('Failed to ' + verb + ' ' + missing + ': Unit ' + missing + ' not loaded.');
  process.exit(5);
}
if (verb === 'is-active') {
  const states = units.map((unit) => (existsSync(path(unit)) ? readFileSync(path(unit), 'utf8') : 'inactive'));
  console.log(states.join('\\n'));
  process.exit(states.includes('active') ? 0 : 3);
}
for (const unit of units) if (readFileSync(path(unit), 'utf8') !== 'failing') writeFileSync(path(unit), verb === 'start' ? 'active' : 'inactive');
`;

/** A systemctl for tests: an executable, its units, and what it was called with. */
export class FakeSystemctl {
  readonly executable: string;

  constructor(
    private readonly folder: string,
    units: Readonly<Record<string, string>>,
  ) {
    mkdirSync(folder, { recursive: true });
    this.executable = join(folder, 'systemctl.mjs');
    writeFileSync(this.executable, SCRIPT.replace('FOLDER', JSON.stringify(folder)));
    chmodSync(this.executable, 0o755);
    for (const [unit, state] of Object.entries(units)) writeFileSync(join(folder, unit), state);
  }

  state(unit: string): string {
    return readFileSync(join(this.folder, unit), 'utf8');
  }

  /** Somebody else changes it. */
  set(unit: string, state: string): void {
    writeFileSync(join(this.folder, unit), state);
  }

  /** The argument arrays of every call but the questions. */
  acts(): string[][] {
    const path = join(this.folder, 'calls');
    const calls = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    return calls.map((line) => JSON.parse(line) as string[]).filter(([verb]) => verb !== 'is-active');
  }
}
