#!/usr/bin/env node
/**
 * npm test: installs what is missing, then lint, types, unit, house, integration, browser and end-to-end
 * tests, all of them
 * also when one fails. At the end stand what each step came to, then which files failed, with the first line of each
 * failed test's message: all within the tail that a build machine shows. The last line is
 * `N passed, N failed, N skipped`; the exit code is 0 only when nothing failed.
 */
import './lib/check-node.mjs';
import { availableParallelism } from 'node:os';
import { failureLines } from './lib/failures.mjs';

/** Nothing runs for ever: a step has its own bound, and so has the whole. A busy machine may need several times the usual. */
const ALL_WITHIN_MINUTES = 80;

let totals = { passed: 0, failed: 0, skipped: 0 };
const summary = [];
const failures = [];
const began = performance.now();

function finish() {
  console.log(`\n${[...summary, ...failureLines(failures)].join('\n')}`);
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);
}

function count(name, result, seconds) {
  totals = {
    passed: totals.passed + result.passed,
    failed: totals.failed + result.failed,
    skipped: totals.skipped + result.skipped,
  };
  const told = result.failures?.length ? result.failures : result.failed > 0 ? [{ failures: [] }] : [];
  // a check, and a step that left no report, go by their own name
  failures.push(...told.map(({ file = `${name}: ${result.why}`, failures: tests }) => ({ file, failures: tests })));
  const why = result.why ? ` (${result.why})` : '';
  summary.push(
    `${name.padEnd(18)} ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped, ${seconds.toFixed(0)} s${why}`,
  );
}

try {
  const { ensureInstalled } = await import('./lib/install.mjs');
  ensureInstalled();
} catch (error) {
  console.error(error.message);
  count('install', { passed: 0, failed: 1, skipped: 0, why: error.message }, 0);
  finish();
}

const { ensureChromium } = await import('./lib/browser.mjs');
const { why: noBrowser } = ensureChromium();
if (noBrowser) console.log(`The tests of the console in a browser are skipped: ${noBrowser}`);

const { check, jest } = await import('./lib/checks.mjs');
const { CONSOLE_BUILDER } = await import('./lib/build.mjs');
const tool = (...path) => ['node_modules', ...path].join('/');
// jest leaves one core to itself, which is half of a small machine
const allCores = [`--maxWorkers=${Math.max(1, availableParallelism())}`];
const steps = [
  ['types', (within) => check({ args: [tool('typescript', 'bin', 'tsc'), '-b'], minutes: within(6) })],
  ['agent as one file', (within) => check({ args: ['apps/agent/build-bundle.mjs'], minutes: within(2) })],
  ['console for browsers', (within) => check({ args: CONSOLE_BUILDER, minutes: within(3) })],
  [
    'types of tests',
    (within) => check({ args: [tool('typescript', 'bin', 'tsc'), '-p', 'tsconfig.spec.json'], minutes: within(6) }),
  ],
  [
    'types of console',
    (within) =>
      check({ args: [tool('typescript', 'bin', 'tsc'), '-p', 'apps/console/tsconfig.spec.json'], minutes: within(4) }),
  ],
  ['lint', (within) => check({ args: [tool('eslint', 'bin', 'eslint.js'), '.'], minutes: within(12) })],
  [
    'format',
    (within) =>
      check({
        args: [tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'],
        minutes: within(4),
      }),
  ],
  ['unit', (within) => jest({ project: 'unit', minutes: within(12), more: allCores })],
  ['house', (within) => jest({ project: 'house', minutes: within(12), more: allCores })],
  // as many as there are cores, though the database wants one too: half of the time of a test is waiting
  ['integration', (within) => jest({ project: 'integration', minutes: within(35), more: allCores })],
  ['browser', (within) => jest({ project: 'browser', minutes: within(25), more: allCores })],
  // one after the other: each of them starts whole systems
  ['e2e', (within) => jest({ project: 'e2e', minutes: within(35), more: ['--runInBand'] })],
];
for (const [name, run] of steps) {
  const left = ALL_WITHIN_MINUTES - (performance.now() - began) / 60_000;
  if (left <= 0) {
    count(name, { passed: 0, failed: 1, skipped: 0, why: `not begun: ${ALL_WITHIN_MINUTES} minutes are over` }, 0);
    continue;
  }
  console.log(`\n== ${name}`);
  const started = performance.now();
  count(name, await run((minutes) => Math.min(minutes, left)), (performance.now() - started) / 1000);
}
finish();
