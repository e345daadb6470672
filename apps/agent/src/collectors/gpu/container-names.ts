import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface PodName {
  readonly podName: string;
  readonly podNamespace: string;
}

/** What is in one of these folders may not be asked for more often than that; milliseconds. */
const NOT_BEFORE_MS = 30_000;
const MOST_NAMES = 5_000;

/**
 * Names of pods and containers by their ids, from what kubelet and the runtimes leave on the host: the folders of the pods'
 * logs, the links to the containers' logs, Docker's and Podman's own files. What this user may not read stays unnamed.
 */
export class ContainerNames {
  private readonly pods = new Map<string, PodName>();
  private readonly containers = new Map<string, string>();
  private podsAtMs = Number.NEGATIVE_INFINITY;
  private containersAtMs = Number.NEGATIVE_INFINITY;

  /** @param root of the host's file system: `/`, or where a container has it mounted */
  constructor(
    private readonly root: string,
    private readonly monotonicMs: () => number,
  ) {}

  async pod(uid: string): Promise<PodName | undefined> {
    if (!this.pods.has(uid) && this.monotonicMs() - this.podsAtMs > NOT_BEFORE_MS) {
      this.podsAtMs = this.monotonicMs();
      this.pods.clear();
      // <namespace>_<pod>_<uid>: neither of the names may hold an underscore
      for (const name of await list(join(this.root, 'var/log/pods'))) {
        const [podNamespace, podName, podUid] = name.split('_');
        if (podNamespace && podName && podUid) this.pods.set(podUid, { podName, podNamespace });
      }
    }
    return this.pods.get(uid);
  }

  async container(id: string): Promise<string | undefined> {
    if (!this.containers.has(id) && this.monotonicMs() - this.containersAtMs > NOT_BEFORE_MS) {
      this.containersAtMs = this.monotonicMs();
      this.containers.clear();
      await this.readContainers();
      await this.readDocker(id);
    }
    return this.containers.get(id);
  }

  private async readContainers(): Promise<void> {
    // <pod>_<namespace>_<container>-<id>.log
    for (const name of await list(join(this.root, 'var/log/containers'))) {
      const match = /^[^_]+_[^_]+_(.+)-([0-9a-f]{64})\.log$/.exec(name);
      if (match) this.containers.set(match[2] as string, match[1] as string);
    }
    const podman = await json(join(this.root, 'var/lib/containers/storage/overlay-containers/containers.json'));
    if (!Array.isArray(podman)) return;
    for (const { id, names } of podman as { id?: unknown; names?: unknown }[]) {
      const name: unknown = Array.isArray(names) ? names[0] : undefined;
      if (typeof id === 'string' && typeof name === 'string') this.containers.set(id, name);
    }
  }

  private async readDocker(wanted: string): Promise<void> {
    const folder = join(this.root, 'var/lib/docker/containers');
    for (const id of new Set([wanted, ...(await list(folder))])) {
      if (!/^[0-9a-f]{64}$/.test(id)) continue;
      const name = ((await json(join(folder, id, 'config.v2.json'))) as { Name?: unknown } | null)?.Name;
      if (typeof name === 'string') this.containers.set(id, name.replace(/^\//, ''));
    }
  }
}

const list = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).slice(0, MOST_NAMES);

async function json(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}
