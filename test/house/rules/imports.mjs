/**
 * ESLint rule `house/imports`: holds every import against the layer table and the doors of the rooms.
 *
 * It reads paths as text and resolves nothing, so it cannot be silently skipped when a resolver does not find a file
 * (docs/adr/0007-own-import-rule.md).
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LAYERS, SPEC, TEST_KIT, listed } from './layers.mjs';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const manifests = new Map();

function manifest(folder) {
  if (!manifests.has(folder)) {
    try {
      manifests.set(folder, JSON.parse(readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8')));
    } catch {
      manifests.set(folder, {});
    }
  }
  return manifests.get(folder);
}

const packageName = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Where a path of the repository lies: its project and, in the control plane, its room. */
function place(file) {
  const project = /^(?:libs|apps)\/[^/]+/.exec(file)?.[0];
  const rooms = LAYERS[project]?.rooms;
  const inRooms = rooms && file.startsWith(`${rooms}/`) ? file.slice(rooms.length + 1).split('/') : [];
  return { project, room: inRooms.length > 1 ? inRooms[0] : undefined, inside: inRooms.slice(1).join('/') };
}

/** @returns what is wrong with the import, as a sentence, or undefined */
function judge(file, specifier) {
  const from = place(file);
  if (!from.project) return undefined;
  const layer = LAYERS[from.project];
  if (!layer) return `${from.project} has no layer: add it to test/house/rules/layers.mjs and docs/architecture.md`;
  const isSpec = SPEC.test(file);
  if (specifier.startsWith('.')) return judgeRelative(file, from, specifier, isSpec);
  if (path.isAbsolute(specifier)) return 'an absolute path exists on one machine only: import relatively';
  if (specifier.startsWith('@flotilla/')) return judgeWorkspace(from, layer, specifier);
  return judgePackage(from, layer, specifier, isSpec);
}

function judgeRelative(file, from, specifier, isSpec) {
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
  const to = place(target);
  if (to.project !== from.project) {
    if (isSpec && target.startsWith(TEST_KIT)) return undefined;
    return `${specifier} leaves ${from.project}: import the workspace package by its name`;
  }
  const rooms = LAYERS[from.project].rooms;
  if (!rooms || !target.startsWith(`${rooms}/`) || to.room === from.room) return undefined;
  if (to.room === undefined)
    return isSpec ? undefined : `a room knows nothing of ${specifier}: what is above the rooms wires them`;
  if (to.inside !== 'index.js') return `the room ${to.room} shows itself through '../${to.room}/index.js' only`;
  return undefined;
}

function judgeWorkspace(from, layer, specifier) {
  const name = packageName(specifier);
  if (name === manifest(from.project).name) return `${from.project} imports itself: import relatively`;
  if (specifier !== name && !declaresDoor(name, specifier))
    return `${specifier} reaches into ${name}: import '${name}'`;
  if (!layer.workspace.includes(name))
    return `${from.project} may not use ${name} (allowed: ${layer.workspace.join(', ') || 'none'})`;
  return undefined;
}

/** A second door that the package itself opens in its `exports`: `@flotilla/contracts/agent`. */
function declaresDoor(name, specifier) {
  const folder = Object.keys(LAYERS).find((project) => manifest(project).name === name);
  return Object.hasOwn(manifest(folder ?? '').exports ?? {}, `.${specifier.slice(name.length)}`);
}

function judgePackage(from, layer, specifier, isSpec) {
  const name = specifier.startsWith('node:') ? specifier : packageName(specifier);
  const own = manifest(from.project);
  if (specifier.startsWith('node:')) {
    const allowed = isSpec || layer.node === 'any' || layer.node.includes(specifier);
    return allowed ? undefined : `${from.project} may not use ${specifier}: it does I/O elsewhere`;
  }
  if (isSpec && (manifest('').devDependencies?.[name] || own.devDependencies?.[name] || name === '@jest/globals'))
    return undefined;
  const banned = layer.npm === 'declared' ? listed(layer.never ?? [], name) : !listed(layer.npm, name);
  if (banned) return `${from.project} may not use the package ${name} (test/house/rules/layers.mjs)`;
  if (!own.dependencies?.[name]) return `${name} is not declared in ${from.project}/package.json`;
  return undefined;
}

export const imports = {
  meta: {
    type: 'problem',
    schema: [],
    docs: { description: 'imports follow the layer table and the doors of the rooms' },
  },
  create(context) {
    const file = path.relative(ROOT, context.filename).split(path.sep).join('/');
    const check = (node, source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const message = judge(file, source.value);
      if (message) context.report({ node, message });
    };
    return {
      Program(node) {
        const { project } = place(file);
        if (project && !LAYERS[project])
          context.report({ node, message: `${project} has no layer: add it to test/house/rules/layers.mjs` });
      },
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression(node) {
        if (node.source.type !== 'Literal' && file.startsWith('libs/domain/'))
          context.report({ node, message: 'an import that is computed cannot be held against the layers' });
        check(node, node.source);
      },
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal),
      TSImportEqualsDeclaration: (node) => check(node, node.moduleReference?.expression),
    };
  },
};
