/**
 * Boards that worked when somebody wrote down what their driver says (FLOTILLA_TEST_DATA): none of them may be called sick,
 * neither at once nor after minutes of the same. A false alarm on good hardware is worse than none.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assess, NEW_GPU, NEW_HOST, takeReading } from '@flotilla/domain';
import { FIXTURE, testData } from '../../../../test/support/nvidia-smi-replay/index.js';
import type { GpuSignals, Reading } from '../collectors/collector.js';
import { chooseColumns } from '../collectors/nvidia-smi/fields.js';
import { readRow } from '../collectors/nvidia-smi/reading.js';
import { parseRow } from '../collectors/nvidia-smi/rows.js';
import { parseSnapshot } from '../collectors/nvidia-smi/snapshot.js';
import { findingsOf } from './findings-of.js';

const root = join(testData(), 'nvidia-smi');
const below = (...path: string[]) => {
  const folder = join(root, ...path);
  return existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
    : [];
};
const nameOf = (path: string) => path.split('/').slice(-2).join('/');
if (!existsSync(root))
  process.stdout.write(`no captures of real boards under ${root}: only the project's own is judged\n`);

/** The same reading every 5 s for a quarter of an hour. */
function judge(values: ReadonlyMap<number, Reading>, signals: GpuSignals) {
  let state = NEW_GPU;
  let atMs = Date.UTC(2026, 0, 1);
  for (let i = 0; i <= 180; i++, atMs += 5_000) state = takeReading(state, findingsOf(values, signals), atMs);
  const { verdict, reason, evidence } = assess(state, NEW_HOST, atMs);
  return { verdict, reason, evidence };
}
const HEALTHY = { verdict: 'healthy', reason: '', evidence: '' };

const rows = [FIXTURE, ...below('captures')].flatMap((folder) =>
  ['idle', 'load'].map((state) => join(folder, `${state}.query-gpu.csv`)),
);
it.each(rows.map((path) => [nameOf(path), path]))('%s is of a healthy board', (_, path) => {
  const [header = '', cells = ''] = readFileSync(path, 'utf8').split(/\r?\n/);
  const titles = header.split(', ').map((title) => title.replace(/ \[.*\]$/, ''));
  const columns = chooseColumns(new Set(titles));
  const asked = columns.map(({ asked: name }) => cells.split(', ')[titles.indexOf(name)]).join(', ');
  const row = parseRow(asked, columns);
  expect(row).not.toBeNull();
  const { values, signals } = readRow(row!, 'GPU-a', 0);
  expect(judge(values, signals)).toEqual(HEALTHY);
});

const documents = below('xml');
(documents.length > 0 ? it : it.skip)('every document of `nvidia-smi -q -x` is of healthy boards', () => {
  const judged = documents.flatMap((path) =>
    parseSnapshot(readFileSync(path, 'utf8')).gpus.map(({ values, signals }, at) => [
      `${nameOf(path)} #${at}`,
      judge(values, signals),
    ]),
  );
  expect(judged.length).toBeGreaterThan(13);
  expect(judged).toEqual(judged.map(([name]) => [name, HEALTHY]));
});
