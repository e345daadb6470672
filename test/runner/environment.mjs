const FILE_SYMBOLS = ['EVENT_HANDLERS', 'TEST_TIMEOUT_SYMBOL', 'RETRY_TIMES', 'RETRY_TIMES_SETTER'].map((name) =>
  Symbol.for(name),
);

/**
 * The environment of a test file is the worker process itself, not a context of node:vm. What a file changes of the
 * process goes back with its end: its environment variables, its folder, the console, and the globals of a test.
 */
export default class ProcessEnvironment {
  global = globalThis;
  fakeTimers = null;
  fakeTimersModern = null;
  #before = {
    env: { ...process.env },
    folder: process.cwd(),
    exit: process.exit,
    globals: new Map(['console', 'fetch', 'Date', 'setTimeout'].map((name) => [name, globalThis[name]])),
  };

  constructor({ projectConfig }) {
    this.conditions = projectConfig.testEnvironmentOptions.customExportConditions;
  }

  async setup() {}

  async teardown() {
    const { env, folder, exit, globals } = this.#before;
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    for (const [name, value] of Object.entries(env)) if (process.env[name] !== value) process.env[name] = value;
    process.chdir(folder);
    process.exit = exit;
    for (const [name, value] of globals) globalThis[name] = value;
    for (const symbol of FILE_SYMBOLS) delete globalThis[symbol];
  }

  exportConditions() {
    return this.conditions;
  }

  getVmContext() {
    return null;
  }
}
