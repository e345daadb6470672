import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { failuresOf, failuresOfOutput } from './failures.mjs';
import { ROOT } from './root.mjs';

const LAST_WORDS_MS = 15_000;
/** Of what a check printed, this much is kept to be shown again at the end. */
const KEPT_CHARACTERS = 8_000;

/**
 * Runs a program with its output streamed, for at most `minutes`.
 *
 * @returns whether it ended well, and if not, why in words; with `keep` also the end of what it printed
 */
export function runBounded(args, minutes, { keep = false } = {}) {
  return new Promise((resolve) => {
    const out = keep ? 'pipe' : 'inherit';
    // a group of its own, so that nothing it started survives the bound
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', out, out], detached: true });
    let late = false;
    let output = '';
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      from?.setEncoding('utf8').on('data', (text) => {
        to.write(text);
        output = (output + text).slice(-KEPT_CHARACTERS);
      });
    }
    const signal = (name) => {
      try {
        process.kill(-child.pid, name);
      } catch {
        // it ended meanwhile
      }
    };
    const passOn = (name) => {
      signal('SIGTERM');
      setTimeout(() => {
        signal('SIGKILL');
        process.exit(name === 'SIGINT' ? 130 : 143);
      }, 5000).unref();
    };
    process.on('SIGINT', passOn);
    process.on('SIGTERM', passOn);
    const limit = setTimeout(() => {
      late = true;
      signal('SIGTERM');
      setTimeout(() => signal('SIGKILL'), LAST_WORDS_MS).unref();
    }, minutes * 60_000);
    const done = (ok, why) => {
      clearTimeout(limit);
      process.off('SIGINT', passOn);
      process.off('SIGTERM', passOn);
      resolve({ ok: ok && !late, why: late ? `did not end within ${minutes} minutes` : why, output });
    };
    child.on('error', (error) => done(false, error.message));
    child.on('exit', () => signal('SIGKILL'));
    // after the last of its output, which somebody it started might hold open: those were ended with it
    child.on('close', (code, name) => {
      done(code === 0, name ? `was ended by ${name}` : `ended with exit code ${code}`);
    });
  });
}

/** One check that passes or fails as a whole (a linter, a compiler). */
export async function check({ args, minutes }) {
  const { ok, why, output } = await runBounded(args, minutes, { keep: true });
  if (ok) return { passed: 1, failed: 0, skipped: 0, why: null };
  return { passed: 0, failed: 1, skipped: 0, why, failures: failuresOfOutput(output) };
}

/** One of jest's projects. A suite that could not run counts as one failed test. */
export async function jest({ project, minutes, more = [] }) {
  const report = join(ROOT, 'node_modules', `.flotilla-jest-${project}-${process.pid}.json`);
  rmSync(report, { force: true });
  const { ok, why } = await runBounded(
    [
      join('node_modules', 'jest', 'bin', 'jest.js'),
      // a handle that a failed test left open must not keep the run waiting
      ...['--selectProjects', project, '--forceExit', '--json', `--outputFile=${report}`, ...more],
    ],
    minutes,
  );
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0, why: why ?? 'left no report' };
  const found = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report, { force: true });
  const failed = found.numFailedTests + found.numRuntimeErrorTestSuites;
  const result = {
    passed: found.numPassedTests,
    failed,
    skipped: found.numPendingTests + found.numTodoTests,
    why: null,
    failures: failuresOf(found),
  };
  // jest may fail as a whole after all its tests passed: a set-up, a handle that stays open
  if (!ok && failed === 0) return { ...result, failed: 1, why };
  if (found.numTotalTests === 0) return { ...result, failed: failed + 1, why: 'found no tests' };
  return { ...result, why: failed > 0 ? why : null };
}
