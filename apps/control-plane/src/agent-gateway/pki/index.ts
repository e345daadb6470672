export { agentOfCertificate, agentUri } from './agent-identity.js';
export { loadOrCreateAuthority } from './load-authority.js';
export { BadCertificateRequestError, CertificateAuthority, createAuthority } from './certificate-authority.js';
export type { IssuedCertificate } from './certificate-authority.js';
export { ServerIdentity, serverNames } from './server-identity.js';
export type { ConfiguredCertificate, ServerTrust } from './server-identity.js';
export { certificateSha256, publicKeySha256, sha256Hex } from './x509.js';
