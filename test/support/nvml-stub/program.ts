import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Program } from '../../../apps/agent/src/collectors/nvml/program.js';
import { agentBundle } from '../agent-process/agent-process.js';
import { stubLack } from './index.js';

/** koffi's native module for this machine, or null where the optional package is not installed. */
export function koffiModule(): string | null {
  const require = createRequire(import.meta.url);
  try {
    const package_ = dirname(require.resolve(`@koromix/koffi-${process.platform}-${process.arch}`));
    const file = join(package_, `${process.platform}_${process.arch}`, 'koffi.node');
    return existsSync(file) ? file : null;
  } catch {
    return null;
  }
}

/** Why the reader nvml cannot be run here against the stub, in one line; null where it can. */
export function nvmlLack(): string | null {
  return stubLack() ?? (koffiModule() === null ? 'the optional package koffi is not installed' : null);
}

/** `describe`, or a skip that says in one line what is lacking. */
export function describeNvml(name: string, tests: () => void): void {
  const lack = nvmlLack();
  if (lack === null) describe(name, tests);
  else describe.skip(`${name} (skipped: ${lack})`, tests);
}

/**
 * The agent as it is packaged: its one file, and koffi's module beside it.
 *
 * @param withKoffi false: a package that lacks the module
 */
export async function packagedAgent(folder: string, withKoffi = true): Promise<Program> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'flotilla-agent.mjs');
  copyFileSync(await agentBundle(), path);
  if (withKoffi) copyFileSync(koffiModule() as string, join(folder, 'koffi.node'));
  return { command: [process.execPath, path], path, isSingleExecutable: false };
}
