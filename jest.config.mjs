/**
 * Five kinds of tests, told apart by their file's name: unit (*.spec.ts, no I/O), integration (*.integration.spec.ts,
 * a real PostgreSQL), house (test/house: the rules of the tree as tests), e2e (test/e2e: whole processes),
 * browser (test/e2e/console: the console in a real Chromium, before a real control plane).
 * Tests run on the sources: the export condition `@flotilla/source` leads workspace imports to src/.
 */
const common = {
  rootDir: import.meta.dirname,
  testEnvironment: '<rootDir>/test/runner/environment.mjs',
  testEnvironmentOptions: { customExportConditions: ['@flotilla/source', 'node', 'node-addons'] },
  runtime: '<rootDir>/test/runner/runtime.cjs',
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/\\.flotilla/'],
  // what jest loads itself is JavaScript; the tests are loaded by the runtime
  transform: {},
};
const isolated = ['/node_modules/', '/dist/'];

export default {
  // jest takes it from here only, not from a project; a loaded machine is slow, and every step of npm test is bounded anyway
  testTimeout: 60_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/{libs,apps}/*/src/**/*.spec.ts', '<rootDir>/test/support/**/*.spec.ts'],
      testPathIgnorePatterns: [...isolated, '\\.integration\\.spec\\.ts$'],
    },
    {
      ...common,
      displayName: 'integration',
      testMatch: ['<rootDir>/{libs,apps}/*/src/**/*.integration.spec.ts'],
      testPathIgnorePatterns: isolated,
      globalSetup: '<rootDir>/test/support/postgres-setup.mjs',
      globalTeardown: '<rootDir>/test/support/postgres-teardown.mjs',
    },
    {
      ...common,
      displayName: 'house',
      testMatch: ['<rootDir>/test/house/**/*.spec.ts'],
      testPathIgnorePatterns: isolated,
    },
    {
      ...common,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'],
      testPathIgnorePatterns: [...isolated, '/test/e2e/console/'],
      globalSetup: '<rootDir>/test/support/built-setup.mjs',
    },
    {
      ...common,
      displayName: 'browser',
      testMatch: ['<rootDir>/test/e2e/console/**/*.spec.ts'],
      testPathIgnorePatterns: isolated,
      globalSetup: '<rootDir>/test/support/postgres-setup.mjs',
      globalTeardown: '<rootDir>/test/support/postgres-teardown.mjs',
    },
  ],
};
