import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a command on this host tells a running agent that a GPU is repaired: a file in a folder that the agent looks at. */
export interface ClearRequest {
  /** GPU uuid, or all. */
  readonly gpu: string;
  readonly by: string;
}

const folderOf = (stateDir: string): string => join(stateDir, 'clear-health');

/** @returns the path of the request; it is gone once the agent took it */
export function writeClearRequest(stateDir: string, request: ClearRequest): string {
  const folder = folderOf(stateDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = `${randomUUID()}.json`;
  const path = join(folder, name);
  // written beside the folder and moved into it, so that nobody reads half of it
  writeFileSync(join(stateDir, name), JSON.stringify(request), { mode: 0o600 });
  renameSync(join(stateDir, name), path);
  return path;
}

/** The agent's side: one look at the folder's time a second, and nothing more while nobody asks. */
export class ClearRequests {
  private seenMs = -1;
  private readonly folder: string;

  constructor(stateDir: string) {
    this.folder = folderOf(stateDir);
  }

  /** Requests since the last call, each once. */
  take(): ClearRequest[] {
    const { mtimeMs } = statSync(this.folder, { throwIfNoEntry: false }) ?? { mtimeMs: -1 };
    if (mtimeMs === this.seenMs) return [];
    this.seenMs = mtimeMs;
    if (mtimeMs < 0) return [];
    return readdirSync(this.folder).flatMap((name) => this.takeOne(join(this.folder, name)));
  }

  private takeOne(path: string): ClearRequest[] {
    try {
      const text = readFileSync(path, 'utf8');
      rmSync(path);
      const { gpu, by } = JSON.parse(text) as Partial<ClearRequest>;
      return typeof gpu === 'string' ? [{ gpu, by: String(by ?? 'a command on this host') }] : [];
    } catch {
      // no request, whatever it is
      return [];
    }
  }
}
