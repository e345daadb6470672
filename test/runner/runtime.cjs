/**
 * Stands in for jest-runtime: modules are loaded by Node itself, so that Nest, TypeORM, zod and our own sources are
 * evaluated once in a worker and stay compiled, instead of anew in a context of node:vm for every test file. Of jest
 * everything else stays: its runner, its workers, jest-circus, expect, reporters, options.
 *
 * jest asks for CommonJS here, hence the ending.
 */
const { readFileSync } = require('node:fs');
const { register } = require('node:module');
const { join, sep } = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');

const CIRCUS = `${sep}jest-circus${sep}build${sep}`;
let compiled;
const run = new Set();

/** Once in a process. */
function registerHooks(config) {
  compiled ??= import('./compiled.mjs').then(({ compiledPath }) => {
    const folder = join(config.cacheDirectory, 'flotilla-compiled');
    register(pathToFileURL(join(module.path, 'hooks.mjs')), {
      data: { folder, conditions: config.testEnvironmentOptions.customExportConditions },
    });
    return { folder, compiledPath };
  });
  return compiled;
}

/** Where jest finds the map of a file that stands in a stack: that of the content which the file has now. */
class SourceMaps extends Map {
  constructor(compiled) {
    super();
    this.compiled = compiled;
  }

  get(name) {
    if (!this.compiled || !/\.ts(\?|$)/.test(name)) return undefined;
    try {
      const file = name.startsWith('file:') ? fileURLToPath(name) : name;
      return `${this.compiled.compiledPath(this.compiled.folder, file, readFileSync(file, 'utf8'))}.map`;
    } catch {
      return undefined;
    }
  }
}

module.exports = class ProcessRuntime {
  #config;
  #maps = new SourceMaps();

  constructor(config) {
    this.#config = config;
  }

  /** jest-circus keeps the state of a file in its modules: each file gets its own. */
  requireInternalModule(path) {
    for (const name of Object.keys(require.cache)) if (name.includes(CIRCUS)) delete require.cache[name];
    return require(path);
  }

  requireModule(path) {
    return require(path);
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  /** A file that ran in this process already, in watch mode, is loaded anew. */
  async unstable_importModule(path) {
    this.#maps.compiled = await registerHooks(this.#config);
    const { href } = pathToFileURL(path);
    const again = run.has(path) ? `?again=${run.size}-${Date.now()}` : '';
    run.add(path);
    return import(href + again);
  }

  getSourceMaps() {
    return this.#maps;
  }

  setGlobalsForRuntime() {}
  enterTestCode() {}
  leaveTestCode() {}
  resetModules() {}
  clearAllMocks() {}
  resetAllMocks() {}
  restoreAllMocks() {}
  teardown() {}

  getAllCoverageInfoCopy() {
    return undefined;
  }

  getAllV8CoverageInfoCopy() {
    return [];
  }

  async collectV8Coverage() {
    throw new Error('coverage is measured by Node itself here: NODE_V8_COVERAGE=folder npm run jest -- …');
  }
};
