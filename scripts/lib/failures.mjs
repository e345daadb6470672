import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from './root.mjs';

/** What a build machine shows of a run is its tail: some 45 lines, of which the summary takes a dozen. */
const LINES = 28;
const LINE_LENGTH = 220;

const cut = (line) => (line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH - 1)}…` : line);

/** Where in our own files it happened, as path:line. */
function placeOf(lines) {
  for (const line of lines) {
    const found = /(?:\(|at )(?:file:\/\/)?(\/[^()]+?:\d+):\d+\)?$/.exec(line);
    if (found && !found[1].includes('node_modules')) return relative(ROOT, found[1]);
  }
  return null;
}

/** The message's first line, what was expected and what came, and where, on one line. */
function gist(message) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const compared = lines.filter((line) => /^(Expected|Received)[^:]*:/.test(line)).slice(0, 2);
  const place = placeOf(lines);
  // a suite that could not run begins with a heading
  const first = lines.find((line) => !line.startsWith('●')) ?? 'failed without a message';
  return cut([first, ...compared].join(' | ')) + (place ? ` (${place})` : '');
}

/**
 * @param {{ testResults: readonly object[] }} report jest's JSON report
 * @returns {{ file: string, failures: { test: string, message: string }[] }[]} the files that failed, and of each the
 *   failed tests with the gist of their message; a file that could not be run stands for itself
 */
export function failuresOf(report) {
  return report.testResults
    .filter((file) => file.status === 'failed')
    .map((file) => {
      const failed = file.assertionResults.filter((test) => test.status === 'failed');
      return {
        file: relative(ROOT, file.name),
        failures:
          failed.length > 0
            ? failed.map((test) => ({ test: test.fullName, message: gist(test.failureMessages.join('\n')) }))
            : [{ test: 'the file as a whole', message: gist(file.message) }],
      };
    });
}

/** The last lines of a check that failed, for its end says what was wrong. */
export function failuresOfOutput(output) {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  return [{ failures: lines.slice(-8).map((line) => ({ test: cut(line), message: '' })) }];
}

/** The failures of all steps as lines that fit into the tail of a log; what does not fit is counted. */
export function failureLines(files) {
  if (files.length === 0) return [];
  const lines = files.flatMap(({ file, failures }) => [
    `FAILED ${file}`,
    ...failures.flatMap(({ test, message }) => (message ? [`  ${cut(test)}`, `    ${message}`] : [`  ${test}`])),
  ]);
  if (lines.length <= LINES) return lines;
  // with many failures the names matter more than the messages
  const names = files.flatMap(({ file, failures }) => [
    `FAILED ${file}: ${failures.length}`,
    ...failures.slice(0, 1).map(({ test, message }) => `  ${cut(message ? `${test}: ${message}` : test)}`),
  ]);
  if (names.length <= LINES) return names;
  const shown = names.slice(0, LINES - 1);
  const told = shown.filter((line) => line.startsWith('FAILED ')).length;
  return [...shown, `… and ${files.length - told} more files that failed`];
}
