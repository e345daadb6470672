import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { faultsOf, pathText, WORDLESS } from './faults.js';
import { JsonFault, readJson } from './json-file.js';
import type { Place } from './json-file.js';
import { fileSchema } from './schema.js';
import type { FileSettings } from './schema.js';
import { SettingsError } from './settings-error.js';

/** No configuration is larger; what is, is another file. */
const MAX_BYTES = 1_000_000;

/** A configuration file that was read and is right. */
export interface ConfigFile {
  readonly settings: FileSettings;
  /** `agent.json:3:5: spool.max_mb`, for a fault that shows only when settings are put together. */
  readonly nameOf: (path: readonly PropertyKey[]) => string;
  /** Whether the file itself says something at this path, or a default does. */
  readonly has: (key: keyof FileSettings) => boolean;
}

/** @throws SettingsError */
export function readConfigFile(path: string): ConfigFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new SettingsError([`${path}: cannot be read: ${(error as Error).message}`]);
  }
  if (bytes.length > MAX_BYTES) throw new SettingsError([`${path}: is larger than 1 MB, so it is no configuration`]);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SettingsError([`${path}: is not a text in UTF-8`]);
  }
  return parseConfig(text, path);
}

/** @throws SettingsError with one line for each fault */
export const parseFile = (text: string, path: string): FileSettings => parseConfig(text, path).settings;

/** @throws SettingsError with one line for each fault: file, line, column, key, what was expected and what is there */
export function parseConfig(text: string, path: string): ConfigFile {
  const json = (() => {
    try {
      return readJson(text);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      throw new SettingsError([`${path}:${placeText(error.place)}: is not JSON: ${error.message}`]);
    }
  })();
  const nameOf = (keys: readonly PropertyKey[]) => `${path}:${placeText(json.placeOf(keys))}: ${pathText(keys)}`;
  const lines = json.duplicates.map(
    ({ path: keys, place, first }) =>
      `${path}:${placeText(place)}: ${pathText(keys)}: is written twice, first in line ${first.line}; remove one`,
  );
  const parsed = z.safeParse(fileSchema, json.value, { error: () => WORDLESS });
  if (parsed.success && lines.length === 0) {
    const written = json.value as Record<string, unknown>;
    return { settings: parsed.data, nameOf, has: (key) => Object.hasOwn(written, key) };
  }
  const faults = parsed.success ? [] : faultsOf(fileSchema, json.value, parsed.error.issues);
  throw new SettingsError([...lines, ...faults.map((fault) => `${nameOf(fault.path)}: ${fault.phrase}`)]);
}

const placeText = ({ line, column }: Place): string => `${line}:${column}`;
