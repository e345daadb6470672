import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { disableReason } from './test/house/rules/comments.mjs';
import { imports } from './test/house/rules/imports.mjs';

const house = { rules: { imports, 'disable-reason': disableReason } };
const SPECS = ['**/*.spec.ts', 'test/**'];

// ------------------------------------------------------------------- what the syntax of a file may not hold
const ENV = [
  {
    selector:
      "MemberExpression[object.name='process'][property.name='env'], MemberExpression[object.name='process'][property.value='env']",
    message: 'settings come through the config folder of the application, read once at boot',
  },
  {
    selector: "VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name='env']",
    message: 'settings come through the config folder of the application, read once at boot',
  },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?process$/]',
    message: 'use the global process; its env belongs to the config folder of the application',
  },
];
const PURE = [
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'a decision is given its time: pass `now`',
  },
  {
    selector: "MemberExpression[object.name='Date'][property.value='now']",
    message: 'a decision is given its time: pass `now`',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'a decision is given its time: pass `now`',
  },
  { selector: "CallExpression[callee.name='Date']", message: 'a decision is given its time: pass `now`' },
  {
    selector: "VariableDeclarator[init.name='Date'] > ObjectPattern",
    message: 'a decision is given its time: pass `now`',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'a decision is given its randomness: pass it',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.value='random']",
    message: 'a decision is given its randomness: pass it',
  },
  {
    selector: "VariableDeclarator[init.name='Math'] > ObjectPattern > Property[key.name='random']",
    message: 'a decision is given its randomness: pass it',
  },
  { selector: 'AwaitExpression', message: 'a decision waits for nothing: load first, then decide' },
  { selector: ':function[async=true]', message: 'a decision waits for nothing: load first, then decide' },
  { selector: 'ForOfStatement[await=true]', message: 'a decision waits for nothing: load first, then decide' },
  {
    selector: "NewExpression[callee.name='Promise'], MemberExpression[object.name='Promise']",
    message: 'a decision waits for nothing: load first, then decide',
  },
];
const IMPURE_GLOBALS = [
  'process',
  'console',
  'fetch',
  'performance',
  'crypto',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'require',
  'Buffer',
  'WebSocket',
  'globalThis',
  'global',
].map((name) => ({ name, message: 'libs/domain decides; what touches the world lies elsewhere' }));

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '.flotilla/', '.nx/', '**/*.gen.ts', '**/generated/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    plugins: { house },
    rules: {
      'house/disable-reason': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-restricted-properties': [
        'error',
        ...['mock', 'doMock', 'unstable_mockModule', 'setMock', 'automock'].map((property) => ({
          object: 'jest',
          property,
          message: 'services run on a real PostgreSQL, outside systems get a fake server on loopback',
        })),
      ],
    },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: nodeGlobals() } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.recommended],
    languageOptions: { parserOptions: { project: './tsconfig.lint.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      'house/imports': 'error',
      'no-restricted-syntax': ['error', ...ENV],
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          destructuredArrayIgnorePattern: '^_',
          ignoreRestSiblings: true,
        },
      ],
      // what the types know: a promise nobody waits for is how an acknowledgement overtakes its commit
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
    },
  },
  {
    files: ['apps/console/src/**/*.{ts,tsx}'],
    languageOptions: {
      parserOptions: { project: './apps/console/tsconfig.spec.json', tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'no-console': 'error',
      // text that somebody else wrote stays text
      'no-restricted-syntax': [
        'error',
        ...ENV,
        {
          selector:
            "JSXAttribute[name.name='dangerouslySetInnerHTML'], MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]",
          message: 'names may hold HTML: give them to React as text',
        },
      ],
    },
  },
  {
    files: ['libs/*/src/**/*.ts', 'apps/control-plane/src/**/*.ts', 'apps/agent/src/**/*.ts'],
    ignores: [...SPECS, 'apps/*/src/main.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['libs/domain/src/**/*.ts'],
    ignores: SPECS,
    rules: {
      'no-restricted-syntax': ['error', ...ENV, ...PURE],
      'no-restricted-globals': ['error', ...IMPURE_GLOBALS],
    },
  },
  // where settings are read
  {
    files: ['apps/control-plane/src/platform/config/**', 'apps/agent/src/config/**', 'scripts/**', 'test/**'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);

function nodeGlobals() {
  const names = [
    'process',
    'console',
    'URL',
    'Buffer',
    'fetch',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'setImmediate',
    'AbortController',
    'AbortSignal',
    'performance',
    'TextDecoder',
    'TextEncoder',
    'URLSearchParams',
    'structuredClone',
  ];
  return Object.fromEntries(names.map((name) => [name, 'readonly']));
}
