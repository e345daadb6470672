import { readCgroup } from './cgroup-path.js';

const ID = '0123456789abcdef'.repeat(4);
const UID = '6d3b1a4e-8c1e-4f0a-9a55-0f4b9d2f7c11';
const UNDER = UID.replaceAll('-', '_');

it.each([
  ['a plain service', '0::/system.slice/ollama.service', {}],
  ['the root', '0::/', {}],
  ['Docker with systemd', `0::/system.slice/docker-${ID}.scope`, { containerId: ID }],
  ['Docker with cgroupfs, version 1', `12:devices:/docker/${ID}\n1:name=systemd:/docker/${ID}`, { containerId: ID }],
  [
    'rootless Podman',
    `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`,
    { containerId: ID },
  ],
  ["Podman's monitor is no container", `0::/machine.slice/libpod-conmon-${ID}.scope`, {}],
  [
    'a guaranteed pod',
    `0::/kubepods.slice/kubepods-pod${UNDER}.slice/cri-containerd-${ID}.scope`,
    { containerId: ID, podUid: UID },
  ],
  ['a pod with cgroupfs', `0::/kubepods/besteffort/pod${UID}/${ID}`, { containerId: ID, podUid: UID }],
  [
    'a pod with CRI-O',
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UNDER}.slice/crio-${ID}.scope/container`,
    { containerId: ID, podUid: UID },
  ],
  ['a static pod', `0::/kubepods/burstable/pod${ID.slice(0, 32)}/${ID}`, { containerId: ID, podUid: ID.slice(0, 32) }],
  [
    'a pod in kind',
    `0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${UNDER}.slice/cri-containerd-${ID}.scope`,
    { containerId: ID, podUid: UID },
  ],
  [
    'an old kubelet under systemd',
    `1:name=systemd:/system.slice/containerd.service/kubepods-burstable-pod${UNDER}.slice:cri-containerd:${ID}`,
    { containerId: ID, podUid: UID },
  ],
  [
    'seen out of a cgroup namespace',
    `0::/../../kubepods-pod${UNDER}.slice/cri-containerd-${ID}.scope`,
    { containerId: ID, podUid: UID },
  ],
  ['Slurm, version 2', '0::/system.slice/slurmstepd.scope/job_123/step_0/user/task_0', { slurmJobId: '123' }],
  ['Slurm, several daemons on a host', '0::/system.slice/node1_slurmstepd.scope/job_9/step_batch', { slurmJobId: '9' }],
  ['Slurm, version 1', '9:memory:/slurm/uid_1000/job_123/step_batch/task_0', { slurmJobId: '123' }],
  ['a folder that only looks like a job', '0::/system.slice/job_5.service', {}],
  ['LXC', '0::/lxc.payload.lab/system.slice/x.service', { containerName: 'lab' }],
  ['systemd-nspawn', '0::/machine.slice/machine-lab.scope/payload', { containerName: 'lab' }],
])('%s', (_, text, place) => expect(readCgroup(`${text}\n`)).toEqual(place));
