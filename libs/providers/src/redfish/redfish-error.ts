/** The BMC said no. */
export class RedfishError extends Error {
  override readonly name = 'RedfishError';

  constructor(
    readonly status: number,
    /** `Base.1.8.ActionParameterNotSupported`; empty when it gave none. */
    readonly messageId: string,
    message: string,
    /** What it asked to wait, milliseconds; 0: nothing. */
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}

interface ErrorBody {
  readonly error?: {
    readonly code?: string;
    readonly message?: string;
    readonly '@Message.ExtendedInfo'?: readonly { readonly MessageId?: string; readonly Message?: string }[];
  };
}

export function readRedfishError(status: number, text: string, retryAfterMs: number): RedfishError {
  let error: ErrorBody['error'];
  try {
    error = (JSON.parse(text) as ErrorBody).error;
  } catch {
    // a page of its web server
  }
  const [info] = error?.['@Message.ExtendedInfo'] ?? [];
  const message = info?.Message ?? error?.message ?? `the answer was HTTP ${status}`;
  return new RedfishError(status, info?.MessageId ?? error?.code ?? '', message, retryAfterMs);
}
