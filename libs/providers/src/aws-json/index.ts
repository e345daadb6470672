import type { AwsCredentialSource } from '../aws/credentials.js';
import { signAwsRequest } from '../aws/sign.js';
import { objectOf, ProviderError, textOf } from '../ask/index.js';
import type { Caller, Dialect } from '../ask/index.js';

/** The APIs of AWS that speak JSON 1.1: POST, an `x-amz-target`, errors with a `__type`, HTTP 400 for most of them. */
export function awsDialect(name: string, keyAdvice: string): Dialect {
  return {
    name,
    keyAdvice,
    errorOf(body) {
      const said = objectOf(body);
      // com.amazonaws.ce#LimitExceededException
      const code = textOf(said['__type'])?.split('#').at(-1);
      return { code, message: textOf(said['Message']) ?? textOf(said['message']) };
    },
    later: new Set([
      'LimitExceededException',
      'ThrottlingException',
      'Throttling',
      'TooManyRequestsException',
      'RequestLimitExceeded',
      'ServiceUnavailableException',
      'ServiceUnavailable',
    ]),
    refused: new Set([
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      'IncompleteSignatureException',
      'MissingAuthenticationTokenException',
      ...EXPIRED,
    ]),
    forbidden: new Set(['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation', 'DataUnavailableException']),
  };
}

const EXPIRED = ['ExpiredTokenException', 'ExpiredToken', 'RequestExpired'];

export interface AwsQuestion<T> {
  readonly baseUrl: string;
  /** As AWS names it in the credential scope. */
  readonly service: string;
  readonly region: string;
  readonly target: string;
  readonly credentials: AwsCredentialSource;
  readonly body: unknown;
  readonly check: (body: unknown) => T;
}

/**
 * Asks once more with keys read anew when AWS says that these have ended (a role's keys live for hours, this process for
 * months).
 *
 * @throws ProviderError, AwsCredentialsError
 */
export async function askAws<T>(caller: Caller, question: AwsQuestion<T>): Promise<T> {
  const { credentials, check } = question;
  let keys = await credentials.get();
  const make = async () => {
    const url = new URL(question.baseUrl);
    const body = JSON.stringify(question.body);
    const headers = await signAwsRequest(
      {
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': question.target },
        body,
      },
      { service: question.service, region: question.region, credentials: keys, at: new Date(caller.nowMs()) },
    );
    return { method: 'POST' as const, url, headers, body };
  };
  try {
    return await caller.json(make, check);
  } catch (error) {
    if (!(error instanceof ProviderError) || !EXPIRED.includes(error.details.code ?? '')) throw error;
    keys = await credentials.renew();
    return caller.json(make, check);
  }
}
