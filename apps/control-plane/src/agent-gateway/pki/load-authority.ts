import type { Db } from '@flotilla/persistence';
import { CertificateAuthority, createAuthority } from './certificate-authority.js';
import { open, seal } from './sealing.js';

const PURPOSE = 'private key of the agents CA';

interface AuthorityRow {
  readonly certificate_pem: string;
  readonly sealed_private_key: Buffer;
}

/**
 * The installation's authority: made once, whoever starts first. Replicas that start together all make one, one of
 * them is stored, and all use that one.
 *
 * @throws SealBrokenError when the stored key was sealed with another master key
 */
export async function loadOrCreateAuthority(
  db: Pick<Db, 'system'>,
  masterKey: Buffer,
  now: () => number = Date.now,
): Promise<CertificateAuthority> {
  const find = () =>
    db.system((tx) =>
      tx.row<AuthorityRow>(`SELECT a.certificate_pem, a.sealed_private_key FROM flotilla.agent_authority a`),
    );
  let row = await find();
  if (!row) {
    const made = await createAuthority(now());
    const sealed = seal(masterKey, PURPOSE, made.privateKeyPem);
    await db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.agent_authority (certificate_pem, sealed_private_key) VALUES ($1, $2)
         ON CONFLICT (id) DO NOTHING`,
        [made.certificatePem, sealed],
      ),
    );
    row = await find();
  }
  if (!row) throw new Error('the agents CA was stored and is not there: the database lost a committed row');
  const privateKeyPem = open(masterKey, PURPOSE, row.sealed_private_key);
  return CertificateAuthority.load({ certificatePem: row.certificate_pem, privateKeyPem }, now);
}
