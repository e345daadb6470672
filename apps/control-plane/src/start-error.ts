import { EmbeddedPostgresError } from '@flotilla/persistence';
import { ConfigError } from './platform/index.js';

/** Why the control plane does not start: a sentence with the mend. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface Explanation {
  readonly text: string;
  /** 2: a setting is wrong; 1: anything else. */
  readonly exitCode: 1 | 2;
  /** Whether this is nobody's fault but the program's, so that the stack helps. */
  readonly isBug: boolean;
}

/** What to tell the person who starts Flotilla. */
export function explainStart(error: unknown): Explanation {
  if (error instanceof ConfigError) return { text: error.message, exitCode: 2, isBug: false };
  if (error instanceof StartError || error instanceof EmbeddedPostgresError) {
    return { text: error.message, exitCode: 1, isBug: false };
  }
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const place = `${address ?? 'the address'}:${port ?? '?'}`;
  const known: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port ?? '?'} is in use by another program: stop it, or choose another with FLOTILLA_HTTP_PORT or FLOTILLA_GRPC_PORT`,
    EACCES: `this user may not listen on ${place}: choose a port above 1023 with FLOTILLA_HTTP_PORT or FLOTILLA_GRPC_PORT`,
    EADDRNOTAVAIL: `${address ?? 'that address'} is not an address of this machine: correct FLOTILLA_BIND`,
    ENOSPC: 'the disk is full: free some space and start again',
  };
  const text = code === undefined ? undefined : known[code];
  if (text !== undefined) return { text, exitCode: 1, isBug: false };
  return { text: error instanceof Error ? error.message : String(error), exitCode: 1, isBug: true };
}
