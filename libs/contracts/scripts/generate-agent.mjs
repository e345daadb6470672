#!/usr/bin/env node
/**
 * Makes libs/contracts/src/agent/generated from proto/flotilla/v1/agent.proto: the types (proto-loader-gen-types) and
 * the descriptor as a TypeScript module, so that neither a build nor a single-file bundle needs the .proto file.
 *
 * `--check` writes nothing and exits with 1 when the checked-in files are not what the proto says today.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const proto = join(root, 'proto/flotilla/v1/agent.proto');
const target = fileURLToPath(new URL('../src/agent/generated', import.meta.url));
const require = createRequire(import.meta.url);
const protobuf = createRequire(require.resolve('@grpc/proto-loader'))('protobufjs');
const genTypes = join(dirname(require.resolve('@grpc/proto-loader')), '../bin/proto-loader-gen-types.js');

/** The files that the proto makes, by path below `generated/`. */
export async function generate() {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-generate-'));
  try {
    execFileSync(
      process.execPath,
      [
        genTypes,
        '--longs=Number',
        '--enums=String',
        '--defaults',
        '--oneofs',
        '--grpcLib=@grpc/grpc-js',
        '--inputTemplate=%sInput',
        '--outputTemplate=%s',
        '--importFileExtension=.js',
        `--outDir=${folder}`,
        proto,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'], cwd: dirname(proto) },
    );
    const files = new Map();
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      files.set(relative(folder, path), withoutPaths(readFileSync(path, 'utf8')));
    }
    const messages = [...files]
      .filter(([path, text]) => path.startsWith('flotilla/') && !text.includes('extends grpc.Client'))
      .map(([path]) => path.replace(/\.ts$/, ''))
      .sort();
    files.set(
      'messages.gen.ts',
      `// Made by libs/contracts/scripts/generate-agent.mjs: X is what is read, XInput is what may be written\n` +
        messages
          .map((path) => `export type { ${basename(path)}, ${basename(path)}Input } from './${path}.js';\n`)
          .join(''),
    );
    const descriptor = (await protobuf.load(proto)).toJSON();
    files.set(
      'descriptor.gen.ts',
      `// Made by libs/contracts/scripts/generate-agent.mjs from proto/flotilla/v1/agent.proto\n` +
        `/** The descriptor of flotilla.v1 as protobufjs JSON. */\n` +
        `export const agentDescriptor = ${JSON.stringify(descriptor, null, 1)};\n`,
    );
    return files;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The generator names the folder it ran in; that differs from machine to machine. */
function withoutPaths(text) {
  return text.replace(/^\/\/ Original file: .*$/m, '// Original file: proto/flotilla/v1/agent.proto');
}

function checkedIn() {
  const files = new Map();
  for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      files.set(relative(target, path), readFileSync(path, 'utf8'));
    }
  }
  return files;
}

/** Paths below `generated/` that are missing, left over or different. */
export async function stale() {
  const wanted = await generate();
  const present = checkedIn();
  return [...new Set([...wanted.keys(), ...present.keys()])].filter((path) => wanted.get(path) !== present.get(path));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) {
    const paths = await stale();
    if (paths.length > 0) {
      console.error(
        `out of date, run "npm run generate": ${paths.map((path) => `agent/generated/${path}`).join(', ')}`,
      );
      process.exitCode = 1;
    }
  } else {
    rmSync(target, { recursive: true, force: true });
    for (const [path, text] of await generate()) {
      mkdirSync(dirname(join(target, path)), { recursive: true });
      writeFileSync(join(target, path), text);
    }
  }
}
