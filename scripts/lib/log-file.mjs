import { closeSync, copyFileSync, fstatSync, mkdirSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';

const LIMIT_BYTES = 16 * 1024 * 1024;

/** Opens a log for a child, which appends to it itself, so that it can go on writing when its launcher is killed. */
export function openLog(file) {
  mkdirSync(dirname(file), { recursive: true });
  limitLog(file);
  const handle = openSync(file, 'a', 0o640);
  return { handle, position: fstatSync(handle).size };
}

/** Keeps one old log. */
export function limitLog(file) {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < LIMIT_BYTES) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}

/** What a child said in sentences since `position`: its JSON lines left out. */
export function sentencesSince(file, position) {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const from = Math.max(size < position ? 0 : position, size - 65_536);
    const buffer = Buffer.alloc(size - from);
    readSync(handle, buffer, 0, buffer.length, from);
    const lines = buffer
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('{'));
    return lines.slice(-15).join('\n');
  } finally {
    closeSync(handle);
  }
}
