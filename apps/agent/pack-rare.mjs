import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

/**
 * Packages that few agents ever load: credentials, signatures and answers of AWS, YAML of a kubeconfig. The engine keeps
 * the text of a program in memory for as long as it runs; compressed they are a fifth of it. Packages that share most of
 * their modules go together.
 */
const PACKS = {
  aws: ['@aws-sdk/credential-provider-node', '@smithy/signature-v4'],
  xml: ['fast-xml-parser'],
  yaml: ['yaml'],
};

const packOf = (name) => Object.keys(PACKS).find((pack) => PACKS[pack].includes(name));

/** esbuild plugin: carries them as compressed text that is compiled when it is first imported. */
export function packRare(options) {
  const exact = new RegExp(`^(${Object.values(PACKS).flat().join('|')})$`);
  return {
    name: 'pack-rare',
    setup(bundle) {
      bundle.onResolve({ filter: exact }, ({ path }) => ({ path, namespace: 'rare' }));
      // they are CommonJS for the program around them: their names are looked up when it runs
      bundle.onLoad({ filter: /.*/, namespace: 'rare' }, ({ path }) => ({
        contents: `module.exports = require('flotilla-pack:${packOf(path)}')[${JSON.stringify(path)}];`,
        loader: 'js',
      }));
      bundle.onResolve({ filter: /^flotilla-pack:/ }, ({ path }) => ({ path: path.slice(14), namespace: 'pack' }));
      bundle.onLoad({ filter: /.*/, namespace: 'pack' }, async ({ path }) => ({
        contents: carrier(path, await packed(PACKS[path], options)),
        loader: 'js',
      }));
    },
  };
}

async function packed(names, { resolveDir, ...options }) {
  const contents = names
    .map((name) => `exports[${JSON.stringify(name)}] = require(${JSON.stringify(name)});`)
    .join('\n');
  const { outputFiles } = await build({
    ...options,
    stdin: { contents, resolveDir, loader: 'js' },
    bundle: true,
    write: false,
    format: 'cjs',
    // there is no loader of modules behind text that is compiled by hand
    supported: { 'dynamic-import': false },
  });
  const [{ contents: program }] = outputFiles;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: program.length };
  return brotliCompressSync(program, { params }).toString('base64');
}

const carrier = (name, text) => `
const { compileFunction } = require('node:vm');
const { brotliDecompressSync } = require('node:zlib');
const text = brotliDecompressSync(Buffer.from('${text}', 'base64')).toString();
const found = { exports: {} };
compileFunction(text, ['module', 'exports', 'require'], { filename: 'flotilla-agent:${name}' })(found, found.exports, require);
module.exports = found.exports;
`;
