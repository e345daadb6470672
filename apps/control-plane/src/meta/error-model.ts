import { ERROR_STATUS } from '@flotilla/contracts';
import type { ErrorCode } from '@flotilla/contracts';

const MEANING: Readonly<Record<ErrorCode, readonly [meaning: string, repeat: boolean]>> = {
  VALIDATION_ERROR: [
    'Something in the request is not valid; details name the field, what came and what was expected.',
    false,
  ],
  AUTH_ERROR: ['The caller is not known: no credential, or one that is wrong, over or revoked.', false],
  FORBIDDEN: ['The caller is known and may not; details name the missing role.', false],
  NOT_FOUND: ['There is no such thing in this tenant, or no such route.', false],
  CONFLICT: ['The state of things does not allow it; the text says which state.', false],
  PAYLOAD_TOO_LARGE: ['The body is larger than the limit, which the text names.', false],
  RATE_LIMIT: ['Too many requests; Retry-After says in how many seconds to repeat.', true],
  INTERNAL_ERROR: ['A fault of the server; the request id finds it in the log.', false],
  UPSTREAM_ERROR: ['An outside system that was asked failed.', true],
  SERVICE_UNAVAILABLE: ['Not possible just now; Retry-After says in how many seconds to repeat.', true],
};

/** The errors of the API, for GET /meta/error-model. */
export const ERROR_MODEL = {
  shape: ['success', 'error', 'code', 'details', 'request_id', 'timestamp'],
  codes: (Object.keys(ERROR_STATUS) as ErrorCode[]).map((code) => {
    const [meaning, repeat] = MEANING[code];
    return { code, status: ERROR_STATUS[code], meaning, repeat };
  }),
};
