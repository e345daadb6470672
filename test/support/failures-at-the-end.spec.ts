import { join } from 'node:path';
import { failureLines, failuresOf, failuresOfOutput } from '../../scripts/lib/failures.mjs';
import { ROOT } from '../house/tree.js';

const esc = String.fromCharCode(27);
const MESSAGE = `Error: ${esc}[2mexpect(${esc}[22mreceived${esc}[2m).toBe(expected)${esc}[22m

Expected: ${esc}[32m"a"${esc}[39m
Received: ${esc}[31m"b"${esc}[39m
    at deep (${join(ROOT, 'node_modules/expect/build/index.js')}:12:3)
    at Object.<anonymous> (${join(ROOT, 'libs/domain/src/money.spec.ts')}:7:9)`;

const testFile = (name: string, tests: readonly { fullName: string; status: string; failureMessages: string[] }[]) => ({
  name: join(ROOT, name),
  status: tests.some((test) => test.status === 'failed') || tests.length === 0 ? 'failed' : 'passed',
  message: tests.length === 0 ? "  ● Test suite failed to run\n\n    Cannot find module './gone.js'\n" : '',
  assertionResults: tests,
});
const passed = { fullName: 'sums', status: 'passed', failureMessages: [] };
const failed = { fullName: 'money rounds half up', status: 'failed', failureMessages: [MESSAGE] };

describe('the failures at the end of npm test', () => {
  it('name every failed test of every file with its message and its place, and nothing that passed', () => {
    const report = {
      testResults: [
        testFile('libs/domain/src/sums.spec.ts', [passed]),
        testFile('libs/domain/src/money.spec.ts', [passed, failed, { ...failed, fullName: 'money adds' }]),
        testFile('apps/agent/src/lost.spec.ts', []),
      ],
    };
    const gist =
      '    Error: expect(received).toBe(expected) | Expected: "a" | Received: "b" (libs/domain/src/money.spec.ts:7)';
    expect(failureLines(failuresOf(report))).toEqual([
      'FAILED libs/domain/src/money.spec.ts',
      '  money rounds half up',
      gist,
      '  money adds',
      gist,
      'FAILED apps/agent/src/lost.spec.ts',
      '  the file as a whole',
      "    Cannot find module './gone.js'",
    ]);
  });

  it('show the last lines of a check', () => {
    const output = Array.from({ length: 20 }, (_, at) => `${esc}[31mproblem ${at}${esc}[39m`).join('\n\n');
    const [found] = failuresOfOutput(output);
    expect(failureLines([{ file: 'lint', ...found! }])).toEqual([
      'FAILED lint',
      ...[12, 13, 14, 15, 16, 17, 18, 19].map((at) => `  problem ${at}`),
    ]);
  });

  it.each([10, 100])('fit into the tail of a log with %i failed files, which are all counted', (count) => {
    const files = Array.from({ length: count }, (_, at) =>
      testFile(`libs/domain/src/part-${at}.spec.ts`, [failed, failed, failed]),
    );
    const lines = failureLines(failuresOf({ testResults: files }));
    expect(lines.length).toBeLessThanOrEqual(28);
    const named = lines.filter((line) => line.startsWith('FAILED')).length;
    const untold = Number(/and (\d+) more files/.exec(lines.at(-1)!)?.[1] ?? 0);
    expect(named + untold).toBe(count);
    expect(lines[0]).toBe('FAILED libs/domain/src/part-0.spec.ts: 3');
  });

  it('are nothing when nothing failed', () => {
    expect(failureLines(failuresOf({ testResults: [testFile('a.spec.ts', [passed])] }))).toEqual([]);
  });
});
