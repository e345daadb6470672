import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A C function. A pointer is a buffer that lives as long as the call, or an address as a number (user space is below 2^47). */
export interface Native {
  (...args: readonly NativeArgument[]): number;
  /** The same on a thread of its own; the callback comes back on this one. */
  async(...args: readonly (NativeArgument | ((error: Error | null, result: number) => void))[]): void;
}
export type NativeArgument = number | Uint8Array;

export interface SharedLibrary {
  /** @throws Error when the library has no such function */
  func(prototype: string): Native;
}

/** What is used of koffi's native module (3.x). Its JavaScript side adds old names and conversions that nobody here needs. */
export interface Koffi {
  readonly version: string;
  /** @throws Error when the library is not there or is not one */
  load(library: string): SharedLibrary;
}

export class KoffiMissingError extends Error {}

/** Where the Debian package puts it. */
const PACKAGED = '/usr/lib/flotilla-agent';

/**
 * Finds koffi's native module, the one file with compiled code that the reader `nvml` needs beside the agent. Looked for
 * in this order:
 *
 * 1. `koffi.node` in the folder of the program: beside `flotilla-agent.mjs`, or beside the single executable (links followed);
 * 2. `/usr/lib/flotilla-agent/koffi.node`;
 * 3. the npm packages `koffi` and `@koromix/koffi-<platform>-<arch>`, as a clone or `npm install` has them.
 *
 * A package copies `node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node` (1.1 MB; `musl_x64` on Alpine; likewise
 * arm64) into one of the first two places. It is a Node-API module: one file serves every Node from 16 on.
 *
 * @throws KoffiMissingError with the places and the mend
 */
export function loadKoffi(program: string, isSingleExecutable: boolean): Koffi {
  const require = createRequire(isSingleExecutable ? program : import.meta.url);
  const files = [join(dirname(followed(program)), 'koffi.node'), join(PACKAGED, 'koffi.node')];
  const troubles: string[] = [];
  for (const candidate of [...files.filter((file) => existsSync(file)), 'koffi/indirect', 'koffi']) {
    try {
      const found = require(candidate) as Koffi & { default?: Koffi };
      return found.default ?? found;
    } catch (error) {
      if (files.includes(candidate)) troubles.push(`${candidate}: ${firstLineOf(error)}`);
    }
  }
  const why = troubles.length > 0 ? ` (${troubles.join('; ')})` : '';
  throw new KoffiMissingError(
    `The reader nvml needs koffi.node for ${process.platform} ${process.arch}, which is neither at ${files.join(' nor at ')} nor installed as an npm package${why}: put the file of the same release there, or use --reader nvidia-smi.`,
  );
}

function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const firstLineOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
