/**
 * Node's own module loader on our sources: `.ts` is compiled, `./x.js` finds `x.ts`, as does the `./x`
 * of sources that a bundler takes, and the export condition `@flotilla/source`
 * leads from one workspace to the sources of another.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from './compiled.mjs';

let settings;

/** @param {{ conditions: readonly string[], folder: string }} given */
export function initialize(given) {
  settings = given;
}

const JEST = new URL('./jest-object.mjs', import.meta.url).href;

export function resolve(specifier, context, next) {
  if (specifier === '@jest/globals') return { url: JEST, format: 'module', shortCircuit: true };
  if (/^\.{1,2}\//.test(specifier) && context.parentURL?.startsWith('file:')) {
    const source = new URL(`${specifier.replace(/\.js$/, '')}.ts`, context.parentURL);
    if (existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, { ...context, conditions: [...settings.conditions, ...context.conditions] });
}

export function load(url, context, next) {
  const { protocol, pathname } = new URL(url);
  if (protocol !== 'file:' || !pathname.endsWith('.ts')) return next(url, context);
  return { format: 'module', source: compile(settings.folder, fileURLToPath(url)), shortCircuit: true };
}
