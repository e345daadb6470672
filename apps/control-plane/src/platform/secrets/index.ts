export { newApiKey, parseApiKey } from './api-key-text.js';
export type { ApiKeyText } from './api-key-text.js';
export { newBearerToken, parseBearerToken, sameHash, sha256 } from './bearer-token.js';
export type { BearerToken } from './bearer-token.js';
export { seal, unseal, UnsealError } from './sealed.js';
export { TenantSecrets } from './tenant-secrets.js';
export type { SealedPlace } from './tenant-secrets.js';
export {
  isSignedWebhook,
  newWebhookSecret,
  WEBHOOK_WINDOW_S,
  webhookHeaders,
  webhookSecretIssue,
} from './webhook-signature.js';
export type { SignedWebhook } from './webhook-signature.js';
