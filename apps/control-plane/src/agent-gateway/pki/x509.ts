import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { cryptoProvider } from '@peculiar/x509';

cryptoProvider.set(webcrypto);

/** Keys of this house: ECDSA on P-256, signatures with SHA-256. */
export const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
export const SIGNATURE_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** Lower-case hexadecimal SHA-256. */
export const sha256Hex = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

/** Lower-case hexadecimal SHA-256 over a certificate's DER. */
export const certificateSha256 = (certificate: X509Certificate): string => sha256Hex(certificate.raw);

/** SHA-256 over a public key's SubjectPublicKeyInfo. */
export const publicKeySha256 = (certificate: X509Certificate): Buffer =>
  createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest();

/** PEM text of a PKCS#8 private key. */
export async function exportPrivateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key as webcrypto.CryptoKey));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** A serial number of 16 random bytes, positive (its first bit is 0) and never 0. */
export function randomSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
