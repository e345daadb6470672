import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';

/** Decorators with their metadata, as Nest and TypeORM read them; the same as tsc emits by tsconfig.base.json. */
const COMPILER = {
  configFile: false,
  swcrc: false,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: true,
};

/**
 * Where the compiled form of a source lies: a new content, file or compiler setting is a new place.
 *
 * @param {string} folder of all compiled sources
 * @param {string} file absolute path
 * @param {string} source content of the file
 * @returns the path without its ending: `.js` is the code, `.map` the map from it to the source
 */
export function compiledPath(folder, file, source) {
  const name = createHash('sha256')
    .update(JSON.stringify([COMPILER, file, source]))
    .digest('hex')
    .slice(0, 40);
  return join(folder, name);
}

/** The JavaScript of a TypeScript file, compiled unless that was done before. */
export function compile(folder, file) {
  const source = readFileSync(file, 'utf8');
  const path = compiledPath(folder, file, source);
  try {
    return readFileSync(`${path}.js`, 'utf8');
  } catch {
    const { code, map } = transformSync(source, { ...COMPILER, filename: file });
    mkdirSync(folder, { recursive: true });
    keep(`${path}.map`, map);
    keep(`${path}.js`, code);
    return code;
  }
}

/** Whole or not at all: other workers write and read the same. */
function keep(path, text) {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}
