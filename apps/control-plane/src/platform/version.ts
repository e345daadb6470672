import { readFileSync } from 'node:fs';

/** Of the control plane, from its package.json, which lies at the same distance from sources and build. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
