import { newApiKey, newBearerToken, parseApiKey, parseBearerToken, seal, unseal } from './index.js';

describe('an API key', () => {
  it('has the documented form, and its hash is found again', () => {
    const key = newApiKey();
    expect(key.text).toMatch(/^flt_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{30}$/);
    expect(parseApiKey(key.text)).toEqual({ id: key.id, hash: key.hash });
    expect(key.text.endsWith(key.last4)).toBe(true);
    expect(newApiKey().text).not.toBe(key.text);
  });

  it('is refused with any one character changed, without a look into the database', () => {
    const { text } = newApiKey();
    for (let i = 0; i < text.length; i++) {
      const changed = text.slice(0, i) + (text[i] === 'a' ? 'b' : 'a') + text.slice(i + 1);
      expect(parseApiKey(changed)).toBeUndefined();
    }
  });
});

describe('a token that finds its row', () => {
  const tenantId = '6f1c9a1e-52d4-4b7e-9d1c-0a4e5b6c7d8e';
  const id = '0199f1a2-7c3e-7a51-9d0b-6c1f2e3d4a5b';

  it('names tenant and row, and keeps only a hash', () => {
    const { text, ...token } = newBearerToken('flr', tenantId, id);
    expect(parseBearerToken('flr', text)).toEqual(token);
  });

  it.each(['', 'flr_', 'flr_AAAA', 'x'.repeat(500), 'fli_'])('refuses %s', (text) =>
    expect(parseBearerToken('flr', text)).toBeUndefined(),
  );

  it('refuses the other kind', () => {
    expect(parseBearerToken('flr', newBearerToken('fli', tenantId, id).text)).toBeUndefined();
  });
});

describe('a sealed value', () => {
  const key = Buffer.alloc(32, 1);
  const blob = seal(key, 'signing_keys|a', Buffer.from('secret'));

  it('opens with its key and at its place only', () => {
    expect(unseal(key, 'signing_keys|a', blob).toString()).toBe('secret');
    expect(() => unseal(key, 'signing_keys|b', blob)).toThrow('belongs to another row');
    expect(() => unseal(Buffer.alloc(32, 2), 'signing_keys|a', blob)).toThrow('another master key');
    expect(() => unseal(key, 'signing_keys|a', blob.subarray(0, 10))).toThrow('not a sealed value');
  });

  it('opens in no changed form, and never looks the same twice', () => {
    for (let i = 0; i < blob.length; i++) {
      const changed = Buffer.from(blob);
      changed[i]! ^= 1;
      expect(() => unseal(key, 'signing_keys|a', changed)).toThrow();
    }
    expect(seal(key, 'signing_keys|a', Buffer.from('secret')).equals(blob)).toBe(false);
  });
});
