/**
 * The rules are seen to bite: each violation is planted under the name of a file that could exist, and must be caught
 * by the rule that is meant to catch it. A boundary rule that forbids nothing is worse than none.
 */
import path from 'node:path';
import { ESLint } from 'eslint';

const root = path.resolve(import.meta.dirname, '../..');

// Planted files are in no TypeScript program, so the rules that need types are switched off for them.
const TYPED = [
  'no-floating-promises',
  'no-misused-promises',
  'await-thenable',
  'return-await',
  'no-for-in-array',
  'only-throw-error',
  'prefer-promise-reject-errors',
  'require-array-sort-compare',
];
const planted = new ESLint({
  cwd: root,
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: null } },
    rules: Object.fromEntries(TYPED.map((rule) => [`@typescript-eslint/${rule}`, 'off'])),
  },
});

/** What the linter says about `code` under this name: rule and message of each problem. */
async function lint(file: string, code: string, eslint = planted): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: path.join(root, file) });
  if (!result) throw new Error(`${file} is ignored by the linter`);
  return result.messages.map((message) => `${message.ruleId ?? 'parser'}: ${message.message}`);
}

const DOMAIN = 'libs/domain/src/idle/planted.ts';
const ROOM = 'apps/control-plane/src/actions/actions.service.ts';
const AGENT = 'apps/agent/src/session/planted.ts';

describe('imports across layers and rooms', () => {
  it.each([
    ['domain uses persistence', DOMAIN, `import { Db } from '@flotilla/persistence'; export const a = Db;`],
    ['domain uses contracts, as a type', DOMAIN, `import type { X } from '@flotilla/contracts'; export type A = X;`],
    ['domain uses a package with I/O', DOMAIN, `import pg from 'pg'; export const a = pg;`],
    ['domain uses node:fs', DOMAIN, `import { readFileSync } from 'node:fs'; export const a = readFileSync;`],
    ['domain imports at run time', DOMAIN, `export const a = (name: string) => import(name);`],
    ['domain imports at run time, literally', DOMAIN, `export const a = import('node:fs');`],
    ['domain reaches out relatively', DOMAIN, `export * from '../../../persistence/src/index.js';`],
    ['contracts use domain', 'libs/contracts/src/planted.ts', `export * from '@flotilla/domain';`],
    ['contracts use pg', 'libs/contracts/src/planted.ts', `import pg from 'pg'; export const a = pg;`],
    ['persistence uses contracts', 'libs/persistence/src/planted.ts', `export * from '@flotilla/contracts';`],
    ['persistence uses Nest', 'libs/persistence/src/planted.ts', `export * from '@nestjs/common';`],
    ['providers use persistence', 'libs/providers/src/planted.ts', `export * from '@flotilla/persistence';`],
    ['the client uses domain', 'libs/api-client/src/planted.ts', `export * from '@flotilla/domain';`],
    ['the agent uses Nest', AGENT, `import { Injectable } from '@nestjs/common'; export const a = Injectable;`],
    ['the agent uses typeorm, as a type', AGENT, `export type A = import('typeorm').DataSource;`],
    ['the agent uses pg', AGENT, `export * from 'pg';`],
    ['the agent uses persistence', AGENT, `export * from '@flotilla/persistence';`],
    ['the agent uses the control plane', AGENT, `export * from '../../../control-plane/src/main.js';`],
    ['a package nobody declared', AGENT, `import chalk from 'chalk'; export const a = chalk;`],
    ['the insides of a package of ours', ROOM, `export * from '@flotilla/domain/src/actions/status.js';`],
    ["another room's insides", ROOM, `export * from '../instances/instances.service.js';`],
    [
      "another room's insides, from a spec",
      ROOM.replace('.ts', '.spec.ts'),
      `import '../instances/instances.store.js';`,
    ],
    ["another room's folder without its door", ROOM, `export * from '../instances/devices/index.js';`],
    ['what is above the rooms', ROOM, `export * from '../app.module.js';`],
    [
      "a room's insides from above",
      'apps/control-plane/src/app.module.ts',
      `export * from './actions/actions.module.js';`,
    ],
    ['a project without a layer', 'libs/helpers/src/planted.ts', `export const a = 1;`],
    ['an absolute path', ROOM, `export * from '/opt/shared.js';`],
  ])('%s', async (_name, file, code) => {
    expect(await lint(file, code)).toContainEqual(expect.stringMatching(/^house\/imports: /));
  });

  it.each([
    ['a room through its door', ROOM, `export * from '../instances/index.js';`],
    ['inside the room', ROOM, `export * from './actions.store.js';`],
    ['deeper inside the room', ROOM, `export * from './queue/claims.js';`],
    ['a declared package', ROOM, `export { Injectable } from '@nestjs/common';`],
    ['an allowed layer', ROOM, `export * from '@flotilla/domain';`],
    ['the test kit, from a spec', ROOM.replace('.ts', '.spec.ts'), `import '../../../../test/support/database.js';`],
    ['zod in contracts', 'libs/contracts/src/planted.ts', `export { z } from 'zod';`],
  ])('allowed: %s', async (_name, file, code) => {
    expect(await lint(file, code)).toEqual([]);
  });
});

describe('libs/domain is pure', () => {
  it.each([
    ['Date.now()', `export const a = () => Date.now();`],
    ["Date['now']()", `export const a = () => Date['now']();`],
    ['now taken out of Date', `const { now } = Date; export const a = now;`],
    ['new Date()', `export const a = () => new Date();`],
    ['Date()', `export const a = () => Date();`],
    ['Math.random()', `export const a = () => Math.random();`],
    ['random taken out of Math', `const { random } = Math; export const a = random;`],
    ['await', `export const a = await (x as unknown); declare const x: unknown;`],
    ['async', `export const a = async () => 1;`],
    ['a promise', `export const a = () => Promise.resolve(1);`],
    ['setTimeout', `export const a = () => setTimeout(() => undefined, 1);`],
    ['process', `export const a = () => process.pid;`],
    ['fetch', `export const a = () => fetch('http://example.com');`],
  ])('%s is an error', async (_name, code) => {
    expect(await lint(DOMAIN, code)).toContainEqual(expect.stringMatching(/^no-restricted-(syntax|globals): /));
  });

  it('a date that is given is allowed, and a spec may use the clock', async () => {
    expect(await lint(DOMAIN, `export const a = (ms: number) => new Date(ms);`)).toEqual([]);
    expect(await lint(DOMAIN.replace('.ts', '.spec.ts'), `it('x', async () => expect(Date.now()).toBe(1));`)).toEqual(
      [],
    );
  });
});

describe('settings, mocks and switched-off rules', () => {
  it.each([
    ['process.env in a room', ROOM, `export const a = process.env.HOME;`],
    ["process['env']", ROOM, `export const a = process['env'];`],
    ['env taken out of process', ROOM, `const { env } = process; export const a = env;`],
    ['node:process', AGENT, `import { env } from 'node:process'; export const a = env;`],
    ['process.env in persistence', 'libs/persistence/src/planted.ts', `export const a = process.env.PGHOST;`],
    [
      'process.env in platform, outside config',
      'apps/control-plane/src/platform/log/log.ts',
      `export const a = process.env;`,
    ],
  ])('%s is an error', async (_name, file, code) => {
    expect(await lint(file, code)).toContainEqual(
      expect.stringMatching(/^no-restricted-syntax: settings|use the global/),
    );
  });

  it.each([
    'apps/control-plane/src/platform/config/config.ts',
    'apps/agent/src/config/config.ts',
    'test/support/data.ts',
  ])('process.env is allowed in %s', async (file) =>
    expect(await lint(file, `export const a = process.env;`)).toEqual([]),
  );

  it.each(['mock', 'doMock', 'unstable_mockModule'])('jest.%s is an error', async (name) => {
    const code = `import { jest } from '@jest/globals'; jest.${name}('../db.js', () => ({}));`;
    expect(await lint(ROOM.replace('.ts', '.spec.ts'), code)).toContainEqual(
      expect.stringMatching(/^no-restricted-properties: /),
    );
  });

  it.each([
    ['no reason', `// eslint-disable-next-line eqeqeq\nexport const a = (b: number) => b == 1;`],
    ['no rule', `// eslint-disable-next-line -- this line is odd enough\nexport const a = (b: number) => b == 1;`],
    ['an empty reason', `export const a = (b: number) => b == 1; // eslint-disable-line eqeqeq -- ok`],
  ])('eslint-disable with %s is an error', async (_name, code) => {
    expect(await lint(ROOM, code)).toContainEqual(expect.stringMatching(/^house\/disable-reason: /));
  });

  it('eslint-disable with a rule and a reason is allowed, and one that is not needed is an error', async () => {
    const comment = '// eslint-disable-next-line eqeqeq -- the driver sends both 1 and "1"';
    expect(await lint(ROOM, `${comment}\nexport const a = (b: number) => b == 1;`)).toEqual([]);
    expect(await lint(ROOM, `${comment}\nexport const a = 1;`)).toHaveLength(1);
  });

  it('console is an error in the control plane and in the libraries', async () => {
    expect(await lint(ROOM, `console.log('x');`)).toContainEqual(expect.stringMatching(/^no-console: /));
  });
});

describe('rules that need types', () => {
  const file = 'libs/providers/src/index.ts';
  // with CI=true the parser takes the file from the disk and not the text that is planted
  const typed = new ESLint({
    cwd: root,
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } },
    },
  });

  it.each([
    ['no-floating-promises', `export function a(b: () => Promise<void>) { b(); }`],
    ['no-misused-promises', `export const a = (b: Promise<boolean>) => (b ? 1 : 2);`],
    ['await-thenable', `export async function a(b: number) { await b; }`],
    ['return-await', `export async function a(b: () => Promise<void>) { try { return b(); } catch { return; } }`],
  ])(
    '%s bites',
    async (rule, code) => {
      expect(await lint(file, code, typed)).toContainEqual(expect.stringContaining(`@typescript-eslint/${rule}: `));
    },
    120_000,
  );
});
