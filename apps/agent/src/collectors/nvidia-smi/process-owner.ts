import { readFile, stat } from 'node:fs/promises';

/**
 * The user that a GPU process runs as, or undefined where that cannot be told for sure: the agent may live in another
 * pid namespace than the driver counts in, and then the same number is somebody else. So the name must agree too.
 */
export async function processOwner(pid: number, name: string, procRoot = '/proc'): Promise<string | undefined> {
  try {
    const folder = `${procRoot}/${pid}`;
    const [{ uid }, commandLine, comm] = await Promise.all([
      stat(folder),
      readFile(`${folder}/cmdline`, 'utf8'),
      readFile(`${folder}/comm`, 'utf8'),
    ]);
    const program = base(name.split(' ')[0] ?? '');
    const agrees =
      program !== '' && (base(commandLine.split('\0')[0] ?? '') === program || comm.trim() === program.slice(0, 15));
    return agrees ? await userName(uid) : undefined;
  } catch {
    return undefined;
  }
}

const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
let users: { readMs: number; names: Map<number, string> } | null = null;

/** From /etc/passwd, read at most once an hour; a uid without an entry is shown as its number. */
async function userName(uid: number): Promise<string> {
  if (!users || performance.now() - users.readMs > 3_600_000) {
    const names = new Map<number, string>();
    for (const line of (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')) {
      const [name, , id] = line.split(':');
      if (name && id && !names.has(Number(id))) names.set(Number(id), name);
    }
    users = { readMs: performance.now(), names };
  }
  return users.names.get(uid) ?? String(uid);
}
