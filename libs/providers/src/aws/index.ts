/** What every AWS API needs: credentials of this machine and Signature Version 4. Import it lazily: it costs 7 MB. */
export { awsCredentials, AwsCredentialsError, fixedAwsCredentials } from './credentials.js';
export type { AwsCredentialOptions, AwsCredentials, AwsCredentialSource } from './credentials.js';
export { signAwsRequest } from './sign.js';
export type { AwsRequest, AwsScope } from './sign.js';
