export { IssuerKeys, KeysUnavailableError } from './issuer-keys.js';
export { OidcTrusts } from './oidc-trusts.js';
export { OidcUsers } from './oidc-users.js';
export { OutsideTokens } from './outside-tokens.js';
