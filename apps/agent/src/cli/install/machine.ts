import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The machine that something is installed on: this one, or an image below `root`. */
export class Machine {
  constructor(
    readonly root: string,
    private readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  /** Whether services can be started: systemd runs here, and this is no image. */
  get isLive(): boolean {
    return this.root === '/' && existsSync('/run/systemd/system');
  }

  at(path: string): string {
    return this.root === '/' ? path : join(this.root, path);
  }

  has(path: string): boolean {
    return existsSync(this.at(path));
  }

  read(path: string): string | null {
    try {
      return readFileSync(this.at(path), 'utf8');
    } catch {
      return null;
    }
  }

  /** Whether a file or folder has this mode and owner; one that is not there has not. */
  isOwned(path: string, mode: number, owner: Account): boolean {
    const stat = statSync(this.at(path), { throwIfNoEntry: false });
    return stat !== undefined && (stat.mode & 0o7777) === mode && stat.uid === owner.uid && stat.gid === owner.gid;
  }

  own(path: string, mode: number, owner: Account): void {
    chownSync(this.at(path), owner.uid, owner.gid);
    chmodSync(this.at(path), mode);
  }

  folder(path: string, mode: number, owner: Account): void {
    mkdirSync(this.at(path), { recursive: true });
    this.own(path, mode, owner);
  }

  /** As a whole or not at all. */
  write(path: string, content: string | Buffer, mode: number, owner: Account): void {
    const target = this.at(path);
    mkdirSync(dirname(target), { recursive: true });
    const fresh = `${target}.new`;
    try {
      writeFileSync(fresh, content, { mode: 0o600 });
      chownSync(fresh, owner.uid, owner.gid);
      chmodSync(fresh, mode);
      renameSync(fresh, target);
    } catch (error) {
      rmSync(fresh, { force: true });
      throw error;
    }
  }

  remove(path: string): void {
    rmSync(this.at(path), { recursive: true, force: true });
  }

  /** From the image's own files, so that a name of this machine is never taken for one of the image. */
  account(name: string): Account | null {
    const fields = this.read('/etc/passwd')
      ?.split('\n')
      .map((line) => line.split(':'))
      .find(([user]) => user === name);
    return fields ? { uid: Number(fields[2]), gid: Number(fields[3]) } : null;
  }

  /** Runs a tool to its end. @returns stdout. @throws Error with what it said */
  call(
    tool: string,
    args: readonly string[],
    options: { account?: Account; env?: Record<string, string> } = {},
  ): string {
    const { account, env = {} } = options;
    const { status, stdout, stderr, error } = spawnSync(tool, args, {
      encoding: 'utf8',
      timeout: 60_000,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...(this.env['PATH'] ? { PATH: this.env['PATH'] } : {}), ...env },
      ...(account ? { uid: account.uid, gid: account.gid, cwd: '/' } : {}),
    });
    if (error) throw new Error(`${tool} cannot be run: ${error.message}`);
    if (status !== 0) throw new Error((stderr || stdout).trim().split('\n').at(-1) || `${tool} ended with ${status}`);
    return stdout;
  }

  /** Whether a question to a tool is answered with yes. */
  asks(tool: string, args: readonly string[]): boolean {
    try {
      this.call(tool, args);
      return true;
    } catch {
      return false;
    }
  }
}

export const ROOT_ACCOUNT: Account = { uid: 0, gid: 0 };
