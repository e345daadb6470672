import { writeSync } from 'node:fs';
import { frame, type FromChild, type WireDetail, type WireMig, type WireReading } from '../protocol.js';
import { dieWithParent } from './die-with-parent.js';
import { GpuReader } from './gpu-reader.js';
import { cudaVersion, identityOf } from './identity.js';
import { loadKoffi, type Koffi } from './koffi.js';
import { NvmlLibrary } from './library.js';
import { PROTOTYPES, type NvmlFunction } from './prototypes.js';
import { endsTheSession, faultWordsOf, NVML } from './return-codes.js';
import { XidWatch, type WatchedGpu } from './xid-watch.js';

/** File descriptor of the messages. */
const MESSAGES = 3;
const DETAIL_EVERY_MS = 60_000;
/** A GPU that answers nothing for so long is looked up anew: after a reset or a reload the old handle stays dead. */
const RENEW_MS = 300_000;

export interface ChildOptions {
  /** Path of the agent itself, beside which koffi's module is looked for. */
  readonly program: string;
  readonly isSingleExecutable: boolean;
  readonly library: string;
  readonly intervalMs: number;
  readonly parentPid: number;
}

/**
 * The process that calls NVML, because such a call may never come back and cannot be interrupted from within its process.
 * One turn reads all GPUs, writes one line and sleeps; the writing waits for the agent to read, so that nothing piles up.
 * It never begins anew by itself: after a failure it says why and ends, and the next process finds what is installed then.
 */
export async function nvmlChild(options: ChildOptions): Promise<void> {
  let koffi: Koffi;
  try {
    koffi = loadKoffi(options.program, options.isSingleExecutable);
  } catch (error) {
    return fail('koffi', 0, (error as Error).message);
  }
  if (!dieWithParent(koffi, options.parentPid)) leave();
  let nvml: NvmlLibrary;
  try {
    nvml = new NvmlLibrary(koffi, options.library);
  } catch (error) {
    return fail('library', NVML.libraryNotFound, (error as Error).message);
  }
  const code = nvml.call('nvmlInit');
  if (code !== NVML.success) return fail('init', code, faultWordsOf(code));
  new Session(nvml, options.intervalMs).start();
}

/** NVML from its initialisation to the end of the process. */
class Session {
  private readonly gpus: GpuReader[] = [];
  private readonly driverVersion: string | undefined;
  private readonly cuda: number | null;
  private readonly counted: number;
  private readonly deadSinceMs = new Map<string, number>();
  private lastDetailMs = Number.NEGATIVE_INFINITY;
  private nextMs = performance.now();

  constructor(
    private readonly nvml: NvmlLibrary,
    private intervalMs: number,
  ) {
    this.driverVersion = nvml.string('nvmlSystemGetDriverVersion');
    this.cuda = nvml.uint('nvmlSystemGetCudaDriverVersion');
    this.counted = nvml.uint('nvmlDeviceGetCount') ?? 0;
  }

  start(): void {
    const { nvml, driverVersion, cuda, counted } = this;
    if (counted === 0) return fail('init', NVML.gpuNotFound, 'No devices were found');
    const watched: WatchedGpu[] = [];
    for (let index = 0; index < counted; index++) {
      const handle = nvml.handle('nvmlDeviceGetHandleByIndex', index);
      const identity = handle > 0 ? identityOf(nvml, handle, index, driverVersion) : null;
      if (!identity) continue;
      this.gpus.push(new GpuReader(nvml, handle, identity));
      watched.push({ handle, uuid: identity.uuid, busId: identity.facts.busId ?? '' });
    }
    const nvmlVersion = nvml.string('nvmlSystemGetNVMLVersion');
    say({
      t: 'ready',
      ...(driverVersion === undefined ? {} : { driverVersion }),
      ...(nvmlVersion === undefined ? {} : { nvmlVersion }),
      ...(cuda === null ? {} : { cudaVersion: cudaVersion(cuda) }),
      gpus: counted,
      nameless: counted - this.gpus.length,
      lacks: (Object.keys(PROTOTYPES) as NvmlFunction[]).filter((name) => !nvml.has(name)),
    });
    new XidWatch(nvml, say).start(watched);
    this.listen();
    this.turn();
  }

  /** Words of the agent, a line each: `interval <ms>`, `detail`. Their end is the end of the agent. */
  private listen(): void {
    let rest = '';
    process.stdin.setEncoding('utf8');
    process.stdin.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() as string;
      for (const line of lines) this.obey(line);
    });
    process.stdin.on('end', leave).on('error', leave);
  }

  private obey(line: string): void {
    const interval = /^interval (\d+)$/.exec(line);
    if (interval) this.intervalMs = Number(interval[1]);
    if (line === 'detail') this.lastDetailMs = Number.NEGATIVE_INFINITY;
  }

  private turn(): void {
    const nowMs = performance.now();
    this.round(nowMs);
    if (nowMs - this.lastDetailMs >= DETAIL_EVERY_MS) {
      this.lastDetailMs = nowMs;
      this.detail(nowMs);
    }
    // On the beat, whatever the reading took; a beat that was missed is not made up for.
    this.nextMs = Math.max(this.nextMs + this.intervalMs, performance.now());
    setTimeout(() => this.turn(), this.nextMs - performance.now());
  }

  private round(nowMs: number): void {
    const gpus: WireReading[] = [];
    const mig: WireMig[] = [];
    let ending = 0;
    for (const reader of this.gpus) {
      const { gpu, mig: instances, fault, dead } = reader.hot(nowMs);
      if (dead) this.deadSinceMs.set(gpu.uuid, this.deadSinceMs.get(gpu.uuid) ?? nowMs);
      else this.deadSinceMs.delete(gpu.uuid);
      if (dead && endsTheSession(fault)) ending = fault;
      gpus.push({ ...gpu, values: [...gpu.values], counters: [...gpu.counters] });
      for (const [uuid, values] of instances) mig.push({ uuid, values: [...values] });
    }
    if (ending !== 0) return fail('session', ending, faultWordsOf(ending));
    say({ t: 'round', atMs: Date.now(), gpus, mig });
    for (const sinceMs of this.deadSinceMs.values()) {
      if (nowMs - sinceMs > RENEW_MS) return fail('renew', 0, '');
    }
  }

  private detail(nowMs: number): void {
    const gpus = this.gpus.map((reader): WireDetail => {
      const detail = reader.detail(this.cuda, nowMs);
      return {
        ...detail,
        values: [...detail.values],
        mig: detail.mig.map((m) => ({ ...m, values: [...m.values] })),
      };
    });
    const { driverVersion } = this;
    say({
      t: 'detail',
      inventory: { ...(driverVersion === undefined ? {} : { driverVersion }), attachedGpus: this.counted, gpus },
    });
  }
}

/** Written at once, and waited for: a call into the driver that comes next may not return. */
function say(message: FromChild): void {
  try {
    const bytes = Buffer.from(frame(message));
    for (let at = 0; at < bytes.length;) at += writeSync(MESSAGES, bytes, at);
  } catch {
    // The agent is gone.
    leave();
  }
}

function fail(reason: Extract<FromChild, { t: 'failed' }>['reason'], code: number, words: string): void {
  say({ t: 'failed', reason, code, words });
  leave();
}

/** Without the usual end: that would wait for the thread that waits for events, or for the driver's own clean-up. */
function leave(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
}
