import { LONGEST_MS } from './backoff.js';

/** How a stream ended, as gRPC says it. */
export interface Closed {
  /** gRPC status code; 0: the server ended it in order. */
  readonly code: number;
  readonly details: string;
  /** When the server says so; milliseconds. */
  readonly retryAfterMs: number | null;
}

export type Verdict =
  /** Try again with back-off, not before `atLeastMs`. */
  | { readonly kind: 'retry'; readonly atLeastMs: number; readonly sentence: string }
  /** The certificate was not believed: renew it, or go back to the one before. */
  | { readonly kind: 'unauthenticated'; readonly atLeastMs: number; readonly sentence: string }
  /** Nothing that this process does by itself mends it. */
  | { readonly kind: 'revoked'; readonly atLeastMs: number; readonly sentence: string };

const OK = 0;
const RESOURCE_EXHAUSTED = 8;
const PERMISSION_DENIED = 7;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** What an ended stream means for the next one, and a sentence for the log. */
export function judge(closed: Closed): Verdict {
  const said = closed.details ? `: ${closed.details}` : '';
  const retry = (sentence: string, atLeastMs = 0): Verdict => ({
    kind: 'retry',
    atLeastMs: Math.max(atLeastMs, closed.retryAfterMs ?? 0),
    sentence,
  });
  switch (closed.code) {
    case OK:
      return retry('the control plane ended the stream');
    case UNAVAILABLE:
      return retry(`the control plane cannot be reached${said}`);
    case RESOURCE_EXHAUSTED:
      return retry(`the control plane is overloaded${said}`, 5_000);
    case ABORTED:
      if (/superseded/i.test(closed.details)) {
        return retry(
          'another process connected with the identity of this agent: if a copy of this host (or of its state folder) runs elsewhere, enrol one of them anew',
          LONGEST_MS / 2,
        );
      }
      return retry(`the control plane ended the stream${said}`);
    case FAILED_PRECONDITION:
      return retry(`the control plane and this agent do not fit together${said}`, LONGEST_MS);
    case UNAUTHENTICATED:
      return {
        kind: 'unauthenticated',
        atLeastMs: closed.retryAfterMs ?? 0,
        sentence: `the control plane does not believe this agent's certificate${said}`,
      };
    case PERMISSION_DENIED:
      return {
        kind: 'revoked',
        atLeastMs: Math.max(5 * LONGEST_MS, closed.retryAfterMs ?? 0),
        sentence: `the control plane refuses this agent${said}. Enrol it again with a new token`,
      };
    default:
      return retry(`the stream ended with gRPC status ${closed.code}${said}`);
  }
}
