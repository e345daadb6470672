import { readFileSync } from 'node:fs';
import { ProviderError } from '@flotilla/providers/spend';
import { secretOf } from './settings.js';
import type { SpendSettings } from './settings.js';

/**
 * Reads the key of an entry anew each time, so that one that was replaced in its file is taken without a restart.
 *
 * @param environment the agent's own; never handed to anybody else
 */
export function secretReader(
  entry: SpendSettings,
  environment: Readonly<Record<string, string | undefined>>,
): () => string {
  return () => {
    const secret = secretOf(entry);
    if (secret?.env !== undefined) return checked(environment[secret.env] ?? '', `the variable ${secret.env}`);
    const path = secret?.file ?? '';
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new ProviderError(
        'unauthorized',
        `the key in ${path} cannot be read (${code ?? 'unknown'}): ${mend(code)}`,
      );
    }
    return checked(text, path);
  };
}

const mend = (code: string | undefined) =>
  code === 'ENOENT'
    ? 'put the key there, readable for the user that the agent runs as'
    : 'let the user that the agent runs as read it';

/** One word of visible ASCII; anything else would break the request, and the error must not show what it is. */
function checked(text: string, place: string): string {
  const key = text.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new ProviderError('unauthorized', `${place} holds no key: expected one word of visible characters`);
}
