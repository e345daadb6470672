import { closest, PROTOTYPES, type NvmlFunction } from './prototypes.js';
import type { Koffi, Native, NativeArgument, SharedLibrary } from './koffi.js';
import { NVML } from './return-codes.js';

/** A device or an instance of one; the driver's own address for it. */
export type Handle = number;

const TEXT_BYTES = 256;

/**
 * The driver's library with the functions that it has. Each is looked for under its newest name, then under older ones
 * with the same arguments; one that a driver lacks under every name answers "function not found", like a call that the
 * driver knows and the board does not.
 */
export class NvmlLibrary {
  private readonly bound = new Map<NvmlFunction, { readonly call: Native; readonly symbol: string }>();
  private readonly text = Buffer.alloc(TEXT_BYTES);
  private readonly word = Buffer.alloc(8);

  /** @throws Error when the library cannot be loaded */
  constructor(
    koffi: Koffi,
    readonly path: string,
  ) {
    const library = koffi.load(path);
    for (const name of Object.keys(PROTOTYPES) as NvmlFunction[]) {
      const found = bind(library, name);
      if (found) this.bound.set(name, found);
    }
  }

  has(name: NvmlFunction): boolean {
    return this.bound.has(name);
  }

  /** The name under which it was found, for what differs between versions. */
  symbol(name: NvmlFunction): string | undefined {
    return this.bound.get(name)?.symbol;
  }

  /** Calls it and returns NVML's code. */
  call(name: NvmlFunction, ...args: readonly NativeArgument[]): number {
    const found = this.bound.get(name);
    return found ? found.call(...args) : NVML.functionNotFound;
  }

  /** Calls it on a thread of its own: for what waits. */
  callAside(name: NvmlFunction, args: readonly NativeArgument[]): Promise<number> {
    const found = this.bound.get(name);
    if (!found) return Promise.resolve(NVML.functionNotFound);
    return new Promise((resolve, reject) => {
      found.call.async(...args, (error: Error | null, code: number) => (error ? reject(error) : resolve(code)));
    });
  }

  /** A text that a function writes as its last two arguments (buffer, length); undefined where there is none. */
  string(name: NvmlFunction, ...args: readonly NativeArgument[]): string | undefined {
    this.text.fill(0);
    if (this.call(name, ...args, this.text, TEXT_BYTES) !== NVML.success) return undefined;
    return cString(this.text);
  }

  /** A handle that a function writes as its last argument, or the code that it ended with (negative). */
  handle(name: NvmlFunction, ...args: readonly NativeArgument[]): Handle {
    this.word.fill(0);
    const code = this.call(name, ...args, this.word);
    return code === NVML.success ? Number(this.word.readBigUInt64LE(0)) : -code;
  }

  /** A 32-bit number that a function writes as its last argument, or null. */
  uint(name: NvmlFunction, ...args: readonly NativeArgument[]): number | null {
    this.word.fill(0);
    return this.call(name, ...args, this.word) === NVML.success ? this.word.readUInt32LE(0) : null;
  }
}

function bind(library: SharedLibrary, name: NvmlFunction): { call: Native; symbol: string } | null {
  for (const symbol of closest(name)) {
    try {
      return { call: library.func(`int ${symbol}(${PROTOTYPES[name]})`), symbol };
    } catch {
      // The driver is older (or newer) than this name.
    }
  }
  return null;
}

/** The text up to the first NUL, or undefined where it is empty. */
export function cString(bytes: Buffer): string | undefined {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end).trim() || undefined;
}
