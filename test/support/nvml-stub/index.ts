/**
 * A stand-in for `libnvidia-ml.so.1`, compiled from nvml-stub.c beside this file: a machine with as many GPUs as the test
 * says, which breaks when the test says.
 *
 * ```ts
 * const stub = new NvmlStub(folder, { gpus: [h100({ 'utilization.gpu': 97 })] });
 * // then run the agent with --reader nvml and nvml_library: stub.library
 * stub.update((m) => { m.gpus[0]!['utilization.gpu'] = '!15'; }); // from the next call on: GPU is lost
 * ```
 *
 * The keys are those of nvml-stub.c; a value is a number or text, `!15` for an NVML error, `~hang`, `~crash`, `1000@250`
 * for a number that grows by 250 a second.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), 'nvml-stub.c');

export type StubGpu = Record<string, string | number>;

export interface StubMachine {
  /** `driver`, `nvml`, `cuda`, `init`, `process.<pid>`, `vgpu.<id>.uuid`, … */
  system: Record<string, string | number>;
  gpus: StubGpu[];
  /** What the driver reports by itself, oldest first; only what is added after the start of the agent is told. */
  events: { gpu: number; type: number; data: number; gpuInstance?: number; computeInstance?: number }[];
}

/** Why the stub cannot be made here, or null where it can. */
export function stubLack(): string | null {
  if (process.platform !== 'linux') return 'the stand-in for the driver is made for Linux';
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'gcc is not installed';
  }
}

/** Compiled libraries are kept between runs, by what they are made of. */
const CACHE = join(dirname(SOURCE), '../../../node_modules/.cache/flotilla-nvml-stub');

/** The library without these functions. */
function compiled(lacks: readonly string[]): string {
  const made = createHash('sha256').update(readFileSync(SOURCE)).update(lacks.join()).digest('hex').slice(0, 16);
  const library = join(CACHE, `${made}.so`);
  if (existsSync(library)) return library;
  mkdirSync(CACHE, { recursive: true });
  const fresh = join(CACHE, `${made}.${process.pid}`);
  const flags = ['-shared', '-fPIC', '-O1', '-o', `${fresh}.so`, SOURCE, '-ldl', '-lpthread'];
  if (lacks.length > 0) {
    writeFileSync(`${fresh}.map`, `{ local: ${lacks.map((name) => `${name};`).join(' ')} };\n`);
    flags.push(`-Wl,--version-script=${fresh}.map`);
  }
  execFileSync('gcc', flags);
  // in one step: a test beside this one finds all of it or none
  renameSync(`${fresh}.so`, library);
  return library;
}

export class NvmlStub {
  readonly library: string;
  private readonly machine: StubMachine;

  /** @param lacks functions that this driver's library does not have */
  constructor(
    private readonly folder: string,
    machine: Partial<StubMachine>,
    lacks: readonly string[] = [],
  ) {
    mkdirSync(folder, { recursive: true });
    this.library = join(folder, 'libnvidia-ml.so.1');
    copyFileSync(compiled(lacks), this.library);
    this.machine = structuredClone({ system: SYSTEM, gpus: [], events: [], ...machine });
    this.save();
  }

  /** Changes the machine under a running agent. */
  update(change: (machine: StubMachine) => void): void {
    change(this.machine);
    this.save();
  }

  private save(): void {
    const { system, gpus, events } = this.machine;
    const lines = Object.entries({ count: gpus.length, ...system }).map(([key, value]) => `${key} ${value}`);
    gpus.forEach((gpu, i) => lines.push(...Object.entries(gpu).map(([key, value]) => `gpu ${i} ${key} ${value}`)));
    events.forEach(({ gpu, type, data, gpuInstance = -1, computeInstance = -1 }, i) =>
      lines.push(`event ${i + 1} ${gpu} ${type} ${data} ${gpuInstance} ${computeInstance}`),
    );
    const file = join(this.folder, 'machine.txt');
    writeFileSync(`${file}.new`, `${lines.join('\n')}\n`);
    renameSync(`${file}.new`, file);
  }
}

const SYSTEM = { driver: '999.10', nvml: '13.999.10', cuda: 13010 };
const MIB = 1024 * 1024;

/** A GPU with everything that a board of the Hopper generation has, all values different from each other. */
export function hopper(index: number, values: StubGpu = {}): StubGpu {
  return {
    uuid: `GPU-00000000-0000-0000-0000-00000000000${index + 1}`,
    name: 'Test Board 80GB',
    serial: `165000000000${index}`,
    bus_id: `00000000:${(0x10 + index).toString(16).toUpperCase()}:00.0`,
    architecture: 9,
    brand: 14,
    vbios_version: '96.00.00.00.01',
    gsp_firmware_version: '999.10',
    board_part_number: '692-00000-0000-000',
    'capability.major': 9,
    'capability.minor': 0,
    compute_mode: 0,
    persistence_mode: 1,
    virtualization_mode: 1,
    module_id: 7,
    ecc_mode: 1,
    ecc_mode_pending: 1,
    mig_mode: 0,
    mig_mode_pending: 0,
    'utilization.gpu': 61,
    'utilization.memory': 23,
    'utilization.encoder': 11,
    'utilization.decoder': 12,
    'utilization.jpeg': 13,
    'utilization.ofa': 14,
    'memory.total': 81559 * MIB,
    'memory.reserved': 479 * MIB,
    'memory.used': 19818 * MIB,
    'memory.free': 61262 * MIB,
    'bar1.used': 19819 * MIB,
    temperature: 59,
    'temperature.margin': 26,
    power: 629450,
    power_limit: 700000,
    'power_limit.default': 700000,
    'power_limit.min': 200000,
    'power_limit.max': 700000,
    'clock.0': 1980,
    'clock.1': 1965,
    'clock.2': 2619,
    'clock.3': 1545,
    'clock.max.1': 1980,
    'clock.max.2': 2619,
    pstate: 0,
    reasons: 4,
    'ecc.corrected.0': 3,
    'ecc.uncorrected.0': 1,
    'ecc.corrected.1': 33,
    'ecc.uncorrected.1': 2,
    'pcie.generation': 5,
    'pcie.width': 16,
    'pcie.generation.max': 5,
    'pcie.width.max': 16,
    'retired.0': '!3',
    sram_threshold: 0,
    'repair.channel': 0,
    'repair.tpc': 0,
    'fabric.state': 3,
    'fabric.status': 0,
    'fabric.clique': 5,
    'link.0': 1,
    'link.0.version': 6,
    'link.0.remote': '00000008:00:00.0',
    'link.1': 0,
    'field.38': 7,
    'field.45': 8,
    'field.52': 9,
    'field.59': 10,
    'field.74': 'u64:5000000000@250000000',
    'field.76': 'u64:0',
    'field.82': 55,
    'field.83': 'u64:9000000000@600000',
    'field.94': 17,
    'field.138.all': 'u64:1000000@2000',
    'field.139.all': 'u64:2000000@3000',
    'field.142': 4,
    'field.143': 5,
    'field.144': 0,
    'field.145': 0,
    'field.164': 26562,
    'field.186': 588390,
    'field.197': 'u64:1000000@5000000',
    'field.198': 'u64:1000000@7000000',
    'field.230': 0,
    'field.269': 'u64:0@100000000',
    'field.270': 'u64:0',
    'field.271': 'u64:0',
    event_types: 0xffff,
    gpm: 1,
    'gpm.1': 71.5,
    'gpm.2': 62.25,
    'gpm.3': 33.5,
    'gpm.5': 44.5,
    'gpm.10': 35.5,
    'gpm.11': 1.5,
    'gpm.12': 2.5,
    'gpm.13': 3.5,
    ...values,
  };
}

/** A board of a player: no ECC, no rows to remap, no links, no hardware counters; it has a fan. */
export function gaming(index: number, values: StubGpu = {}): StubGpu {
  const all = hopper(index, { name: 'Test Gaming Board', architecture: 8, brand: 5, fan: 42, gpm: 0 });
  const lacks = /^(ecc|retired|link|fabric|temperature\.margin|serial|mig|sram|repair|field\.(?!74|76|83|186|269|27))/;
  return {
    ...Object.fromEntries(Object.entries(all).filter(([key]) => !lacks.test(key))),
    'pcie.tx': 4096,
    'pcie.rx': 8192,
    ...values,
  };
}
