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
const tsc = tool('typescript', 'bin', 'tsc');
const checkOf =
  (minutes, ...args) =>
  (within) =>
    check({ args, minutes: within(minutes) });
/** With a worker for each core (jest would leave one to itself, half of a small machine), though no more than `most`. */
const jestOf = (project, minutes, most) => (within) => {
  const workers = Math.min(most, availableParallelism());
  return jest({ project, minutes: within(minutes), more: [`--maxWorkers=${workers}`] });
};
/** One stage after the other; the steps of a stage need nothing of each other: as many run at a time as there are cores. */
const stages = [
  { types: checkOf(6, tsc, '-b') },
  {
    lint: checkOf(14, tool('eslint', 'bin', 'eslint.js'), '.'),
    'types of tests': checkOf(8, tsc, '-p', 'tsconfig.spec.json'),
    'types of console': checkOf(6, tsc, '-p', 'apps/console/tsconfig.spec.json'),
    format: checkOf(6, tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'),
    'agent as one file': checkOf(2, 'apps/agent/build-bundle.mjs'),
    'console for browsers': checkOf(4, ...CONSOLE_BUILDER),
  },
  { unit: jestOf('unit', 12, 16) },
  { house: jestOf('house', 12, 16) },
  // the database and the systems that they start want cores too, but most of such a test is waiting
  { integration: jestOf('integration', 35, 8) },
  { browser: jestOf('browser', 25, 4) },
  { e2e: jestOf('e2e', 35, 4) },
];

async function runStep(name, run) {
  const left = ALL_WITHIN_MINUTES - (performance.now() - began) / 60_000;
  if (left <= 0) {
    count(name, { passed: 0, failed: 1, skipped: 0, why: `not begun: ${ALL_WITHIN_MINUTES} minutes are over` }, 0);
    return;
  }
  console.log(`\n== ${name}`);
  const started = performance.now();
  count(name, await run((minutes) => Math.min(minutes, left)), (performance.now() - started) / 1000);
}

for (const stage of stages) {
  const waiting = Object.entries(stage);
  const oneByOne = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await runStep(...next);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, oneByOne));
}
finish();
