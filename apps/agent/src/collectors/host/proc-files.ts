import { closeSync, openSync, readSync } from 'node:fs';
import type { Absence } from '../collector.js';

/** Why a file of the kernel gave nothing. */
export function absenceOf(error: unknown): Absence {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENODEV') return 'unsupported';
  return code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'fault';
}

/**
 * A file of /proc that is read again and again: kept open, read from its start into one buffer. Costs a system call and
 * no garbage, against three calls and a new buffer for opening it each time.
 */
export class ProcFile {
  private fd: number | null = null;

  constructor(
    private readonly path: string,
    private readonly buffer: Buffer,
  ) {}

  /** The beginning of the file, as much as the buffer holds. @throws the system's error where it cannot be read */
  read(): string {
    this.fd ??= openSync(this.path, 'r');
    const size = readSync(this.fd, this.buffer, 0, this.buffer.length, 0);
    return this.buffer.toString('latin1', 0, size);
  }

  close(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }
}
