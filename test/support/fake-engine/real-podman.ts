import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const IMAGE = 'localhost/flotilla-test:1';
/** Ends at once on SIGTERM; a bare `sleep` as process 1 would wait for SIGKILL. */
const WORKLOAD = 'trap "exit 0" TERM; while :; do sleep 1 & wait; done';

/**
 * Debian's podman with a store and a socket of its own, and an image of nothing but a static busybox: no registry is
 * asked. Needs root, podman, busybox-static and runc or crun.
 */
export class RealPodman {
  readonly socket: string;
  private service: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    private readonly runtime: string,
  ) {
    this.socket = join(folder, 'podman.sock');
  }

  /** Why it cannot run here; null: it can. Found out by running a container. */
  static async start(folder: string): Promise<RealPodman | string> {
    const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
    if (spawnSync('podman', ['--version']).error) return 'podman is not installed';
    if (!busybox) return 'busybox-static is not installed';
    let why = 'no container runtime is installed';
    for (const runtime of ['runc', 'crun']) {
      const podman = new RealPodman(join(folder, runtime), runtime);
      try {
        podman.build(busybox);
        podman.create('probe');
        podman.run('rm', '-f', '-t', '0', 'probe');
        await podman.serve();
        return podman;
      } catch (error) {
        why = `no container runs here: ${String((error as { stderr?: Buffer }).stderr ?? error)
          .trim()
          .split('\n')
          .at(-1)}`;
      }
    }
    return why;
  }

  /** Makes and starts a container. */
  create(name: string, labels: readonly string[] = []): void {
    const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024', '--network', 'none'];
    const marks = labels.flatMap((label) => ['--label', label]);
    this.run('run', '-d', '--name', name, ...limits, ...marks, IMAGE, '/bin/sh', '-c', WORKLOAD);
  }

  /** "running", "exited", … */
  state(name: string): string {
    return this.run('inspect', '--format', '{{.State.Status}}', name).trim();
  }

  run(...args: string[]): string {
    return execFileSync('podman', [...this.options, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async stop(): Promise<void> {
    this.run('rm', '-f', '-a', '-t', '0');
    const ended = new Promise((resolve) => this.service?.once('exit', resolve));
    if (this.service?.kill('SIGTERM')) await ended;
    // conmon of each container runs a clean-up of its own, which would write into the folder again
    for (let tries = 0; tries < 100 && spawnSync('pgrep', ['-f', this.folder]).status === 0; tries += 1)
      await pause(100);
  }

  private get options(): string[] {
    const { folder, runtime } = this;
    return [
      ...['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'],
      ...['--runtime', runtime, '--cgroup-manager', 'cgroupfs', '--events-backend', 'none'],
    ];
  }

  private build(busybox: string): void {
    const rootfs = join(this.folder, 'rootfs');
    mkdirSync(join(rootfs, 'bin'), { recursive: true });
    for (const name of ['sh', 'sleep']) copyFileSync(busybox, join(rootfs, 'bin', name));
    execFileSync('tar', ['-C', rootfs, '-cf', join(this.folder, 'image.tar'), '.']);
    this.run('import', join(this.folder, 'image.tar'), IMAGE);
  }

  private async serve(): Promise<void> {
    const args = [...this.options, 'system', 'service', '--time', '0', `unix://${this.socket}`];
    this.service = spawn('podman', args, { stdio: 'ignore' });
    for (let tries = 0; tries < 100 && !existsSync(this.socket); tries += 1) await pause(100);
    if (!existsSync(this.socket)) throw new Error('podman system service did not open its socket');
  }
}
