import { compact } from './compact.js';

/** Where a process lives, as the path of its control group tells. */
export interface CgroupPlace {
  /** 64 hexadecimal digits. */
  readonly containerId?: string;
  /** For containers that have a name and no id (LXC, systemd-nspawn). */
  readonly containerName?: string;
  /** With dashes; static pods have 32 hexadecimal digits without. */
  readonly podUid?: string;
  readonly slurmJobId?: string;
}

const ID = '([0-9a-f]{64})';
/** docker-…, cri-containerd-…, crio-…, libpod-… scopes; `:cri-containerd:…` of old kubelets; plain folders of cgroupfs. */
const CONTAINER = new RegExp(
  `(?:^|[/:])(?:docker-|cri-containerd-|crio-|libpod-|nerdctl-|cri-docker-)?${ID}(?:\\.scope)?(?=/|$)`,
);
const POD =
  /(?:^|[-/])pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?=\.slice|\/|:|$)/;
const LXC = /(?:^|\/)(?:lxc\.payload\.|lxc\/)([^/]+)/;
const NSPAWN = /(?:^|\/)machine\.slice\/(?:machine-([^/]+)\.scope|systemd-nspawn@([^/]+)\.service)/;
const SLURM = /(?:^|\/)(?:[^/]*slurm[^/]*)\/(?:.*\/)?job_(\d+)(?=\/|$)/;

/**
 * Reads `/proc/<pid>/cgroup`, of version 1 (a line per controller) and 2 (one line). Kubernetes writes the pod's uid into
 * the path (with underscores under systemd), runtimes the container's id, Slurm the job's number.
 *
 * Sources: kubelet pkg/kubelet/cm/cgroup_manager_linux.go (names of slices); slurm.schedmd.com/cgroup_v2.html; the scopes of
 * Docker, containerd, CRI-O and Podman under systemd and cgroupfs.
 */
export function readCgroup(text: string): CgroupPlace {
  const paths = text.split('\n').map((line) => line.split(':').slice(2).join(':'));
  const first = (pattern: RegExp): RegExpExecArray | undefined => {
    for (const path of paths) {
      const match = pattern.exec(path);
      if (match) return match;
    }
    return undefined;
  };
  const nspawn = first(NSPAWN);
  return compact({
    containerId: first(CONTAINER)?.[1],
    containerName: first(LXC)?.[1] ?? nspawn?.[1] ?? nspawn?.[2],
    podUid: first(POD)?.[1]?.replaceAll('_', '-'),
    slurmJobId: first(SLURM)?.[1],
  });
}
