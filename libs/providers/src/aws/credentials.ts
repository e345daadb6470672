import { defaultProvider } from '@aws-sdk/credential-provider-node';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Present for everything that ends by itself: roles, SSO, web identities. */
  readonly sessionToken?: string;
}

/** Where the signature of a request gets its keys from. */
export interface AwsCredentialSource {
  /** Cached, and renewed five minutes before they end. @throws AwsCredentialsError */
  get(): Promise<AwsCredentials>;
  /** Reads them anew: after AWS said ExpiredToken, or a key was rotated in its file. @throws AwsCredentialsError */
  renew(): Promise<AwsCredentials>;
}

export interface AwsCredentialOptions {
  /** A profile of the shared files; with one, AWS_ACCESS_KEY_ID is not looked at. */
  readonly profile?: string;
  /** Instead of ~/.aws/credentials. */
  readonly credentialsFile?: string;
  /** For each question to the metadata service, milliseconds. */
  readonly metadataTimeoutMs?: number;
}

/** Nobody can sign: the message says which places were looked at and what each one said. */
export class AwsCredentialsError extends Error {
  override readonly name = 'AwsCredentialsError';
}

/**
 * The chain that every AWS tool knows: environment (AWS_ACCESS_KEY_ID…), the shared files (a profile with keys, with a
 * role to assume, with SSO or a credential process), a web identity token (EKS), the role of the container (ECS, EKS Pod
 * Identity), the role of the EC2 instance (IMDSv2). Nothing of it can come from the control plane.
 */
export function awsCredentials(options: AwsCredentialOptions = {}): AwsCredentialSource {
  const chain = (ignoreCache: boolean) =>
    defaultProvider({
      ...(options.profile ? { profile: options.profile } : {}),
      ...(options.credentialsFile ? { filepath: options.credentialsFile } : {}),
      timeout: options.metadataTimeoutMs ?? 2_000,
      maxRetries: 1,
      ignoreCache,
    });
  let provider = chain(false);
  const ask = async (): Promise<AwsCredentials> => {
    try {
      const { accessKeyId, secretAccessKey, sessionToken } = await provider();
      return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
    } catch (error) {
      throw new AwsCredentialsError(explain(options, error), { cause: error });
    }
  };
  return {
    get: ask,
    renew: () => {
      provider = chain(true);
      return ask();
    },
  };
}

/** Keys that are known already; for tests and for keys that a secret store gave. */
export function fixedAwsCredentials(credentials: AwsCredentials): AwsCredentialSource {
  return { get: () => Promise.resolve(credentials), renew: () => Promise.resolve(credentials) };
}

function explain(options: AwsCredentialOptions, error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const where = options.profile
    ? `the profile ${options.profile} of ${options.credentialsFile ?? '~/.aws/credentials and ~/.aws/config'}`
    : 'the environment (AWS_ACCESS_KEY_ID), the shared files, a web identity, a container role and the instance role';
  return `no AWS credentials: looked at ${where} (${said}). Give this host an instance role, or a profile with keys`;
}
