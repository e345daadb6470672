/** What a line of the Fabric Manager's log says. */
export interface FabricReport {
  /** As the log prints it, in the host's local time without a zone: `Dec 18 2024 19:09:50`. */
  readonly time: string;
  readonly kind: 'sxid' | 'failed' | 'started' | 'error';
  readonly fatal: boolean;
  readonly code?: number;
  /** Place of the NVSwitch on the bus, where the line names one. */
  readonly busId?: string;
}

const LINE = /^\[(\w{3}\s+\d{1,2} \d{4} \d{2}:\d{2}:\d{2})\] \[(INFO|WARNING|ERROR|CRITICAL|FATAL)\] \[tid \d+\] (.*)$/;
const SWITCH_ERROR = /detected NVSwitch (non-fatal|fatal) error (\d+)/i;
const BUS = /pci bus id ([0-9a-f:.]+)/i;
const FAILED =
  /fabric manager.*(exit|abort|terminat)|failed to (start|initialize|configure)|not (configured|initialized) due to|NV_WARN_NOTHING_TO_DO/i;
const STARTED = /successfully configured all the available|fabric manager.*(is running|running)/i;

/** Reads one line; null for the many that tell of ordinary work. Lines that continue a message have no head. */
export function readFabricLine(line: string): FabricReport | null {
  const head = LINE.exec(line);
  if (!head) return null;
  const [, time, level, text] = head as unknown as [string, string, string, string];
  const fault = SWITCH_ERROR.exec(text);
  if (fault) {
    const busId = BUS.exec(text)?.[1];
    const fatal = (fault[1] as string).toLowerCase() === 'fatal';
    return { time, kind: 'sxid', fatal, code: Number(fault[2]), ...(busId === undefined ? {} : { busId }) };
  }
  if (STARTED.test(text)) return { time, kind: 'started', fatal: false };
  if (level === 'INFO' || level === 'WARNING') return null;
  return { time, kind: FAILED.test(text) ? 'failed' : 'error', fatal: FAILED.test(text) };
}
