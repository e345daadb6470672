/**
 * An enrolment token: `flt_enroll_<id>_<secret>_<trust>`.
 *
 * `trust` tells the agent whom to believe before it knows anybody: the SHA-256 (base64url) over the DER of the
 * certificate that ends the server's chain, or `public` when the machine's own root certificates vouch for the server.
 */
export interface EnrollmentToken {
  /** 16 hexadecimal digits; not secret. */
  readonly id: string;
  readonly secret: string;
  /** Lower-case hexadecimal SHA-256 of the CA certificate's DER; null: trust the machine's root certificates. */
  readonly caSha256: string | null;
}

const SHAPE = /^flt_enroll_([0-9a-f]{16})_([A-Za-z0-9_-]{27})_(public|[A-Za-z0-9_-]{43})$/;

/** The parts of a token, or null when it is not one (cut off when copied, another kind of key). */
export function parseEnrollmentToken(text: string): EnrollmentToken | null {
  const match = SHAPE.exec(text.trim());
  if (!match) return null;
  const [, id = '', secret = '', trust = ''] = match;
  return { id, secret, caSha256: trust === 'public' ? null : Buffer.from(trust, 'base64url').toString('hex') };
}

/** @throws RangeError when a part does not have its agreed length (a bug in the caller) */
export function formatEnrollmentToken(token: EnrollmentToken): string {
  const trust = token.caSha256 === null ? 'public' : Buffer.from(token.caSha256, 'hex').toString('base64url');
  const text = `flt_enroll_${token.id}_${token.secret}_${trust}`;
  if (!SHAPE.test(text))
    throw new RangeError('an enrolment token needs an id of 16 hex digits and a secret of 20 bytes');
  return text;
}

/** What an agent signs (ES256, DER) to renew a certificate that ended: see RenewRequest.proof. */
export function renewalProofText(agentId: string, issuedAtMs: number, csrDerSha256Hex: string): string {
  return `flotilla-renew\n${agentId}\n${issuedAtMs}\n${csrDerSha256Hex}`;
}
