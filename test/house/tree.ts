import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The root of the repository. */
export const ROOT = path.resolve(import.meta.dirname, '../..');

// What git ignores, and git itself. Read here rather than asked of git: the tests also run in an unpacked archive.
const SKIPPED = new Set(['.git', 'node_modules', 'dist', '.flotilla', '.nx', 'coverage', 'screenshots']);

/** Every file of the repository, relative to its root, with forward slashes, sorted. */
export function files(folder = ''): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
    const name = folder ? `${folder}/${entry.name}` : entry.name;
    if (SKIPPED.has(entry.name) || entry.name.endsWith('.log') || entry.name.endsWith('.tsbuildinfo')) continue;
    if (entry.isDirectory()) found.push(...files(name));
    else if (entry.isFile()) found.push(name);
  }
  return found.sort();
}

export const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** Files that a person writes and reads; not what a tool generates or a machine recorded. */
export const isWritten = (file: string): boolean =>
  /\.(ts|tsx|mjs|mts|sql|proto|sh|css)$/.test(file) && !/\.gen\.|\/generated\//.test(file);

export const isSpec = (file: string): boolean => /\.spec\.tsx?$/.test(file);

/** The folder names of the rooms of the control plane. */
export const rooms = (): string[] =>
  readdirSync(path.join(ROOT, 'apps/control-plane/src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
