import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './load.js';

describe('loadConfig', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'flotilla-config-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const load = (more: Record<string, string> = {}) => loadConfig({ FLOTILLA_DATA_DIR: join(folder, 'data'), ...more });
  const keyFile = () => join(folder, 'data', 'master.key');

  it('makes a master key that only its user can read, and keeps it', () => {
    const first = load();
    expect(first.masterKey).toHaveLength(32);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(load().masterKey).toEqual(first.masterKey);
    expect(load().replicaId).not.toBe(first.replicaId);
  });

  it('makes no second key when the first is lost: the database is encrypted with it', () => {
    load();
    mkdirSync(join(folder, 'data/postgres/data'), { recursive: true });
    writeFileSync(join(folder, 'data/postgres/data/PG_VERSION'), '18\n');
    rmSync(keyFile());
    expect(() => load()).toThrow('restore the file from the backup');
  });

  it('makes no key for an outside database', () => {
    const outside = { FLOTILLA_DATABASE_URL: 'postgresql://u@h/d' };
    expect(() => load(outside)).toThrow('FLOTILLA_MASTER_KEY_FILE must be set');
    expect(() => load({ ...outside, FLOTILLA_MASTER_KEY_FILE: join(folder, 'none') })).toThrow('does not exist');
  });

  it('takes 32 bytes as hex or base64, and nothing else', () => {
    const file = join(folder, 'key');
    const given = (text: string) => {
      writeFileSync(file, text, { mode: 0o600 });
      return load({ FLOTILLA_MASTER_KEY_FILE: file }).masterKey;
    };
    expect(given('ab'.repeat(32))).toEqual(Buffer.alloc(32, 0xab));
    expect(given(`${Buffer.alloc(32, 7).toString('base64')}\n`)).toEqual(Buffer.alloc(32, 7));
    expect(() => given('too short')).toThrow('must hold 32 bytes');
    chmodSync(file, 0o666);
    expect(() => load({ FLOTILLA_MASTER_KEY_FILE: file })).toThrow('chmod 600');
  });

  it('says what is wrong with a certificate', () => {
    const cert = join(folder, 'cert.pem');
    writeFileSync(cert, 'no certificate');
    expect(() => load({ FLOTILLA_TLS_CERT: cert, FLOTILLA_TLS_KEY: cert })).toThrow('a PEM file with a certificate');
    expect(() => load({ FLOTILLA_TLS_CERT: join(folder, 'x'), FLOTILLA_TLS_KEY: cert })).toThrow('cannot be read');
  });

  it('warns of clear text beyond loopback', () => {
    const config = load({ FLOTILLA_BIND: '0.0.0.0', FLOTILLA_INSECURE: '1' });
    expect(config.warnings.join('\n')).toContain('clear text');
    expect(load().warnings).toEqual([]);
    expect(readFileSync(keyFile(), 'utf8')).toMatch(/^[\w+/]{43}=\n$/);
  });
});
