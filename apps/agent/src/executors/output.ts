import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync } from 'node:fs';

/** Bytes of a command's output that are reported. */
export const OUTPUT_CAP = 64 * 1024;
/** When the file is larger, what is between head and tail is thrown away while the command runs. */
const FILE_CAP = 4 * 1024 * 1024;
const HALF = OUTPUT_CAP / 2;

/**
 * A command's output goes to a file and not into a pipe, so that it survives the agent and is not killed by SIGPIPE.
 * Both stdout and stderr append to it.
 */
export class OutputFile {
  private head: Buffer | null = null;
  private cut = 0;

  constructor(readonly path: string) {}

  /** A descriptor to hand to the child; the caller closes it. */
  openForChild(): number {
    return openSync(this.path, 'a', 0o600);
  }

  /** Keeps a talkative command from filling the disk; call it every second or so. */
  bound(): void {
    try {
      const fd = openSync(this.path, 'r+');
      try {
        const { size } = fstatSync(fd);
        if (size <= FILE_CAP) return;
        this.head ??= readAt(fd, 0, HALF);
        this.cut += size;
        ftruncateSync(fd, 0);
      } finally {
        closeSync(fd);
      }
    } catch {
      // no file yet
    }
  }

  /** What was printed: whole up to 64 KiB, otherwise its first and last half. */
  read(): { output: string; outputTruncated: boolean } {
    try {
      const fd = openSync(this.path, 'r');
      try {
        const { size } = fstatSync(fd);
        if (!this.head && size <= OUTPUT_CAP) return { output: text(readAt(fd, 0, size)), outputTruncated: false };
        const marker = '\n[… output left out …]\n';
        const head = this.head ?? readAt(fd, 0, HALF);
        const from = Math.max(0, size - (HALF - Buffer.byteLength(marker)));
        return { output: text(head) + marker + text(readAt(fd, from, size - from)), outputTruncated: true };
      } finally {
        closeSync(fd);
      }
    } catch {
      return { output: '', outputTruncated: false };
    }
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, position));
}

/** NUL has no place in a text that others store. */
const text = (bytes: Buffer) => bytes.toString('utf8').replaceAll('\0', '');
