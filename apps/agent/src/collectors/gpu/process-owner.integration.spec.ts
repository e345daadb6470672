/** Whose a GPU process is, by a proc file system and a host's files that the test lays out. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { ProcessOwners } from './process-owner.js';

const ID = 'a'.repeat(64);
const POD = '6d3b1a4e-8c1e-4f0a-9a55-0f4b9d2f7c11';
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flotilla-proc-'));
  put('proc/stat', 'cpu 1 2 3\nbtime 1700000000\nprocesses 9\n');
  put('etc/passwd', 'root:x:0:0::/root:/bin/sh\nada:x:1001:1001::/home/ada:/bin/sh\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}
/** Process 7, started 123.45 s after boot. */
function live(
  cgroup: string,
  { uid = 1001, comm = 'python3', command = '/usr/bin/python3\0train.py', environ = '' } = {},
) {
  put('proc/7/stat', `7 (py) thon 3) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0 0`);
  put('proc/7/status', `Name:\t${comm}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`);
  put('proc/7/comm', `${comm}\n`);
  put('proc/7/cmdline', command);
  put('proc/7/cgroup', cgroup);
  put('proc/7/environ', environ);
}
let nowMs = 0;
const owners = () => new ProcessOwners(() => nowMs, join(root, 'proc'), root);

it('is told for a process of this host', async () => {
  const own = new ProcessOwners(() => 0);
  const me = await own.of(process.pid, process.execPath);
  expect(me.user).toBe(userInfo().username);
  // started before now and not longer ago than this test run takes
  expect(Date.now() - (me.startedAtMs as number)).toBeGreaterThan(0);
  expect(Date.now() - (me.startedAtMs as number)).toBeLessThan(3_600_000);
  expect((await own.of(process.pid, 'node --and arguments')).user).toBe(userInfo().username);
});

it('is not guessed: the same number in another pid namespace is somebody else', async () => {
  live('0::/user.slice');
  expect(await owners().of(7, '/opt/other')).toEqual({});
  expect(await owners().of(7, '')).toEqual({});
  expect(await owners().of(8, 'python3')).toEqual({});
});

it('is known by the kernel word too, which is cut after 15 characters', async () => {
  live('0::/', { comm: 'a-very-long-pro', command: '' });
  expect(await owners().of(7, '/usr/bin/a-very-long-program')).toMatchObject({
    user: 'ada',
    command: 'a-very-long-pro',
  });
});

it('has its start time, and a number for a user without a name', async () => {
  live('0::/', { uid: 4242 });
  expect(await owners().of(7, 'python3')).toEqual({
    user: '4242',
    command: 'python3',
    startedAtMs: 1_700_000_000_000 + 123_450,
  });
});

it('has a pod and a container, named by what kubelet leaves on the host', async () => {
  live(
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope\n`,
  );
  mkdirSync(join(root, `var/log/pods/ml-team_trainer-0_${POD}`), { recursive: true });
  mkdirSync(join(root, 'var/log/containers'), { recursive: true });
  symlinkSync('/nowhere', join(root, `var/log/containers/trainer-0_ml-team_worker-${ID}.log`));
  expect(await owners().of(7, 'python3')).toMatchObject({
    podUid: POD,
    podName: 'trainer-0',
    podNamespace: 'ml-team',
    containerId: ID,
    containerName: 'worker',
  });
});

it('finds the name of a pod that was written after its process began', async () => {
  live(`0::/kubepods/burstable/pod${POD}/${ID}`);
  const subject = owners();
  expect(await subject.of(7, 'python3')).not.toHaveProperty('podName');
  mkdirSync(join(root, `var/log/pods/ml-team_trainer-0_${POD}`), { recursive: true });
  nowMs += 60_000;
  expect(await subject.of(7, 'python3')).toMatchObject({ podName: 'trainer-0' });
});

it('has the name that Docker or Podman gave to its container', async () => {
  live(`0::/system.slice/docker-${ID}.scope`);
  put(`var/lib/docker/containers/${ID}/config.v2.json`, '{"ID":"x","Name":"/trainer"}');
  expect(await owners().of(7, 'python3')).toMatchObject({ containerId: ID, containerName: 'trainer' });
  rmSync(join(root, 'var'), { recursive: true });
  live(`0::/machine.slice/libpod-${ID}.scope/container`);
  put('var/lib/containers/storage/overlay-containers/containers.json', JSON.stringify([{ id: ID, names: ['lab'] }]));
  expect(await owners().of(7, 'python3')).toMatchObject({ containerId: ID, containerName: 'lab' });
});

it('has its Slurm job, by its control group or by its environment', async () => {
  live('0::/system.slice/slurmstepd.scope/job_4711/step_0/user/task_0');
  expect(await owners().of(7, 'python3')).toMatchObject({ slurmJobId: '4711' });
  live('0::/user.slice/user-1001.slice', { environ: 'HOME=/home/ada\0SLURM_JOB_ID=815\0SECRET=x\0' });
  expect(await owners().of(7, 'python3')).toMatchObject({ slurmJobId: '815' });
});
