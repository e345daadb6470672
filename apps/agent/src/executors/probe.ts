import { spawn } from 'node:child_process';

export interface ProbeEnd {
  /** null: it could not be started, was killed or took too long. */
  readonly exitCode: number | null;
  /** The first 4 KiB of what it printed. */
  readonly output: string;
}

/** Runs a short command that only reads (a check), without a shell; killed with its group after `timeoutMs`. */
export function probe(
  argv: readonly [string, ...string[]],
  options: { env: Readonly<Record<string, string>>; cwd: string; timeoutMs: number },
): Promise<ProbeEnd> {
  return new Promise((resolve) => {
    const [file, ...args] = argv;
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...options.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    let size = 0;
    const keep = (chunk: Buffer) => {
      if (size < 4096) chunks.push(chunk.subarray(0, 4096 - size));
      size += chunk.length;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // ended meanwhile
      }
    }, options.timeoutMs);
    const end = (exitCode: number | null) => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ exitCode, output: Buffer.concat(chunks).toString('utf8').replaceAll('\0', '').trim() });
    };
    child.on('error', () => {
      if (child.pid === undefined) end(null);
    });
    child.on('exit', (code) => setImmediate(end, code));
  });
}
