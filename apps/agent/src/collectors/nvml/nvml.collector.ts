import { join } from 'node:path';
import type { Clock } from '../../clock.js';
import type { Collector, CollectorCondition, CollectorEvent, DeviceFacts, Sink } from '../collector.js';
import { GpuDesk } from '../gpu/gpu-desk.js';
import { Leftover } from '../nvidia-smi/leftover.js';
import type { Failure } from './failures.js';
import { NvmlReader } from './nvml-reader.js';
import type { Program } from './program.js';
import type { FromChild, WireInventory } from './protocol.js';

export interface NvmlOptions {
  readonly program: Program;
  /** Name or path of libnvidia-ml. */
  readonly library: string;
  readonly intervalS: number;
  readonly stateDir: string;
  /** Told of every change of the devices, for the facts about the machine. */
  readonly onDevices?: (devices: readonly DeviceFacts[]) => void;
  /** Root of the proc file system; tests have their own. */
  readonly procRoot?: string;
}

type Message = Exclude<FromChild, { t: 'failed' }>;

/** How much each event of the driver that is no Xid matters; one that nobody knows does. */
const EVENTS: Readonly<Record<string, { severity: CollectorEvent['severity']; sentence: string }>> = {
  ecc_double_bit: { severity: 'high', sentence: 'The driver reports an uncorrectable memory error' },
  dram_retirement: { severity: 'medium', sentence: 'The driver took bad memory out of use' },
  dram_retirement_failure: { severity: 'high', sentence: 'The driver could not take bad memory out of use' },
  poison_non_fatal: { severity: 'medium', sentence: 'The driver contained a memory error to the process that it hit' },
  poison_fatal: { severity: 'high', sentence: 'A memory error could not be contained' },
  gpu_unavailable: { severity: 'critical', sentence: 'The driver reports that the GPU is unavailable' },
  gpu_recovery_action: { severity: 'high', sentence: 'The driver asks for another recovery action than before' },
};

/** Reads the GPUs of this host through NVML, in a process of its own. What it reads goes to the desk. */
export class NvmlCollector implements Collector {
  readonly name = 'nvml';
  private desk: GpuDesk | null = null;
  private reader: NvmlReader | null = null;
  private intervalS: number;
  /** GPUs that the driver counts and cannot name. */
  private nameless = 0;

  constructor(private readonly options: NvmlOptions) {
    this.intervalS = options.intervalS;
  }

  get state(): CollectorCondition {
    return this.desk?.condition ?? 'unavailable';
  }

  start(sink: Sink, clock: Clock): void {
    const { program, library, stateDir, onDevices, procRoot } = this.options;
    const desk = new GpuDesk({
      name: this.name,
      through: 'NVML',
      stateDir,
      sink,
      clock,
      intervalS: () => this.intervalS,
      wishDetail: () => this.reader?.wishDetail(),
      // A driver changes only between two processes of the reader, and each finds out anew what it has.
      driverChanged: () => {},
      onDevices,
      procRoot,
    });
    this.desk = desk;
    this.reader = new NvmlReader(
      {
        program,
        library,
        clock,
        leftover: new Leftover(join(stateDir, 'nvml-reader.pid')),
        observer: {
          message: (message) => {
            if (message.t === 'ready') this.nameless = message.nameless;
            take(desk, sink, message, this.nameless);
          },
          failed: (failure) => fail(desk, failure),
        },
      },
      this.intervalS * 1000,
    );
    this.reader.start();
  }

  async stop(): Promise<void> {
    const { reader } = this;
    this.reader = null;
    this.desk?.close();
    await reader?.stop(2_000);
  }

  setInterval(seconds: number): void {
    this.intervalS = seconds;
    this.reader?.setInterval(seconds * 1000);
  }
}

function take(desk: GpuDesk, sink: Sink, message: Message, namelessGpus: number): void {
  switch (message.t) {
    case 'ready':
      // Before the first round nothing is known to be right.
      return;
    case 'round':
      for (const { uuid, facts, values, counters, signals } of message.gpus) {
        const maps = { values: new Map(values), counters: new Map(counters) };
        desk.reading({ uuid, atMs: message.atMs, facts: facts ?? {}, signals, ...maps });
      }
      for (const { uuid, values } of message.mig) desk.migReading(uuid, message.atMs, new Map(values));
      // First what there is, then that it is read: the sentence of the state counts it.
      desk.listed(new Set(message.gpus.map((gpu) => gpu.uuid)));
      desk.trouble('nameless', namelessGpus > 0 ? nameless(namelessGpus) : null);
      desk.trouble('reading', null);
      return;
    case 'detail':
      desk.detailed(inventoryOf(message.inventory));
      return;
    case 'xid':
      desk.xid(message.code, message.busId, '', 'nvml');
      return;
    case 'event': {
      const { severity, sentence } = EVENTS[message.kind] ?? {
        severity: 'medium',
        sentence: `The driver reports an event of a kind that the agent does not know (${message.kind})`,
      };
      sink.event({
        kind: message.kind in EVENTS ? message.kind : 'driver_event',
        severity,
        device: message.uuid,
        message: `${sentence}${message.uuid ? ` (GPU ${message.uuid})` : ''}.`,
        details: { source: 'nvml', event: message.kind },
      });
    }
  }
}

function fail(desk: GpuDesk, { name, condition, message }: Failure): void {
  if (name === 'no_devices') desk.listed(new Set());
  desk.trouble('reading', { condition, message });
}

const nameless = (count: number) => ({
  condition: 'degraded' as const,
  message: `NVML gives nothing but errors for ${count} GPU(s) and does not say which.`,
});

function inventoryOf(wire: WireInventory) {
  return {
    ...wire,
    gpus: wire.gpus.map((gpu) => ({
      ...gpu,
      values: new Map(gpu.values),
      mig: gpu.mig.map((m) => ({ ...m, values: new Map(m.values) })),
    })),
  };
}
