/**
 * What kept an outside system from answering.
 *
 * - `unauthorized`: it does not know the key; `forbidden`: it knows the key, which may not do this. Nothing but another
 *   key or another right mends either, so neither is tried again soon.
 * - `rate_limited`, `unavailable` (5xx), `unreachable` (network, deadline): pass by themselves.
 * - `bad_request`: it refuses what was asked; `bad_answer`: it answered with what it never should.
 */
export type ProviderFault =
  'unauthorized' | 'forbidden' | 'rate_limited' | 'unavailable' | 'unreachable' | 'bad_request' | 'bad_answer';

/** Its message is a sentence for the person who has to mend it; it never holds a key. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';

  constructor(
    readonly fault: ProviderFault,
    message: string,
    readonly details: {
      /** HTTP status, where there was one. */
      readonly status?: number;
      /** The provider's own word for it: `AccessDeniedException`, `insufficient_quota`. */
      readonly code?: string;
      /** Not before this many milliseconds, by the provider's own word. */
      readonly retryAfterMs?: number;
    } = {},
  ) {
    super(message);
  }
}

/** Whether the same question may be answered the next time it is asked. */
export function passes(error: unknown): error is ProviderError {
  return (
    error instanceof ProviderError &&
    (error.fault === 'rate_limited' || error.fault === 'unavailable' || error.fault === 'unreachable')
  );
}
