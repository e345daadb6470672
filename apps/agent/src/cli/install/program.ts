import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isSea } from 'node:sea';
import type { Machine } from './machine.js';
import { ROOT_ACCOUNT } from './machine.js';
import { PATHS } from './unit.js';
import type { Step } from './step.js';

/** How this very process can be called again. */
export interface Self {
  readonly isExecutable: boolean;
  /** The executable, or the one file that Node runs. */
  readonly file: string;
  /** Program and arguments before the command. */
  readonly argv: readonly [string, ...string[]];
}

export function self(): Self {
  if (isSea()) return { isExecutable: true, file: realpathSync(process.execPath), argv: [process.execPath] };
  const file = realpathSync(process.argv[1] ?? '');
  return { isExecutable: false, file, argv: [process.execPath, file] };
}

/** Where the program is, or will be: what the package brought, or a copy of this one. */
export function programPath(machine: Machine): string {
  return machine.has(PATHS.packagedProgram) ? PATHS.packagedProgram : PATHS.program;
}

/** Puts this program where the unit calls it; none where the package did. */
export function programSteps(machine: Machine, { isExecutable, file, argv }: Self): Step[] {
  if (machine.has(PATHS.packagedProgram)) return [];
  const copyOf = (from: string, path: string, mode: number, what: string): Step => ({
    what,
    isDone: () => from === machine.at(path) || sameBytes(from, machine.at(path)),
    make: () => machine.write(path, readFileSync(from), mode, ROOT_ACCOUNT),
  });
  const copy = (path: string, mode: number) => copyOf(file, path, mode, `${path} is this program`);
  const beside = join(dirname(file), 'koffi.node');
  const koffi = existsSync(beside)
    ? [copyOf(beside, PATHS.koffi, 0o644, `${PATHS.koffi} is there for the reader nvml`)]
    : [];
  if (isExecutable) return [copy(PATHS.program, 0o755), ...koffi];
  const wrapper = `#!/bin/sh\nexec ${argv[0]} ${PATHS.bundle} "$@"\n`;
  return [
    copy(PATHS.bundle, 0o644),
    {
      what: `${PATHS.program} calls it`,
      isDone: () => machine.read(PATHS.program) === wrapper,
      make: () => machine.write(PATHS.program, wrapper, 0o755, ROOT_ACCOUNT),
    },
    ...koffi,
  ];
}

function sameBytes(a: string, b: string): boolean {
  try {
    return readFileSync(a).equals(readFileSync(b));
  } catch {
    return false;
  }
}
