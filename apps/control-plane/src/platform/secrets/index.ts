export { newApiKey, parseApiKey } from './api-key-text.js';
export type { ApiKeyText } from './api-key-text.js';
export { newBearerToken, parseBearerToken, sameHash, sha256 } from './bearer-token.js';
export type { BearerToken } from './bearer-token.js';
export { seal, unseal, UnsealError } from './sealed.js';
