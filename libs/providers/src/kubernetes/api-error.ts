/** The API server said no (a `Status` object). */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';

  constructor(
    readonly status: number,
    /** `NotFound`, `Conflict`, `Forbidden`, `TooManyRequests`, …; empty when the answer was no Status. */
    readonly reason: string,
    message: string,
    /** Why in detail: `DisruptionBudget` for an eviction that a budget does not allow. */
    readonly causes: readonly { readonly reason: string; readonly message: string }[],
    /** What it asked to wait, milliseconds; 0: nothing. */
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}

export const isGone = (error: unknown): boolean => error instanceof KubernetesError && error.status === 404;
export const isConflict = (error: unknown): boolean => error instanceof KubernetesError && error.status === 409;
/** A disruption budget does not allow this eviction now; a 429 of a busy server is another thing. */
export const isBudget = (error: unknown): error is KubernetesError =>
  error instanceof KubernetesError &&
  error.status === 429 &&
  (error.causes.some(({ reason }) => reason === 'DisruptionBudget') || /disruption budget/i.test(error.message));

interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
  };
}

export function readStatus(status: number, text: string, retryAfterMs: number): KubernetesError {
  let body: Status = {};
  try {
    const parsed = JSON.parse(text) as unknown;
    if (typeof parsed === 'object' && parsed !== null) body = parsed;
  } catch {
    // a proxy's page
  }
  const causes = (body.details?.causes ?? []).map((cause) => ({
    reason: cause.reason ?? '',
    message: cause.message ?? '',
  }));
  const wait = Math.max(retryAfterMs, (body.details?.retryAfterSeconds ?? 0) * 1000);
  const message = body.message ?? `the answer was HTTP ${status}`;
  return new KubernetesError(status, body.reason ?? '', message, causes, wait);
}
