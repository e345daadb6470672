import type { CollectorCondition } from '../collector.js';

/** A known way in which nvidia-smi fails, in words for the person who has to mend it. */
export interface Failure {
  readonly name:
    | 'not_installed'
    | 'not_allowed'
    | 'driver_not_loaded'
    | 'library_missing'
    | 'driver_upgraded'
    | 'gpu_off_bus'
    | 'no_devices'
    | 'container_lost_access'
    | 'field_refused'
    | 'hung'
    | 'unreadable'
    | 'ended';
  readonly condition: Exclude<CollectorCondition, 'ok'>;
  readonly message: string;
}

interface Ending {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal?: string | null;
  /** stdout and stderr together: the tool writes its errors to stdout, sometimes to both. */
  readonly output: string;
}

interface Pattern {
  readonly name: Failure['name'];
  readonly text: RegExp;
  readonly code?: number;
  readonly condition: Failure['condition'];
  readonly message: string;
}

/** Text first (old drivers give 255 for everything), then the exit code. */
const PATTERNS: readonly Pattern[] = [
  {
    name: 'driver_upgraded',
    text: /Driver\/library version mismatch/i,
    code: 18,
    condition: 'failed',
    message:
      'The NVIDIA driver was upgraded while the old one is still loaded (driver/library version mismatch): running jobs go on, but nothing can be read until the host is rebooted or the driver modules are reloaded.',
  },
  {
    name: 'driver_not_loaded',
    text: /couldn't communicate with the NVIDIA driver|Driver Not Loaded/i,
    code: 9,
    condition: 'failed',
    message:
      'nvidia-smi cannot reach the NVIDIA driver: it is not loaded. Load it (modprobe nvidia), or reinstall it when the kernel was upgraded.',
  },
  {
    name: 'library_missing',
    text: /couldn't find libnvidia-ml|NVML Shared Library Not Found|libnvidia-ml\.so.*not found/i,
    code: 12,
    condition: 'failed',
    message:
      'nvidia-smi cannot find libnvidia-ml.so: install the driver package completely, or mount the library into this container.',
  },
  {
    name: 'gpu_off_bus',
    text: /GPU is lost|fallen off the bus/i,
    code: 15,
    condition: 'failed',
    message: 'A GPU has fallen off the bus and nvidia-smi stopped at it: reboot the host to recover it.',
  },
  {
    name: 'no_devices',
    text: /No devices were found/i,
    condition: 'failed',
    message:
      'The NVIDIA driver is loaded but finds no GPU: check the kernel log for NVRM lines and the power of the boards.',
  },
  {
    name: 'container_lost_access',
    text: /Failed to initialize NVML: Unknown Error/i,
    condition: 'failed',
    message:
      'NVML cannot be initialised (Unknown Error): in a container the device permissions were lost, often after systemctl daemon-reload. Restart the container.',
  },
  {
    name: 'not_allowed',
    text: /Insufficient Permissions|Permission denied/i,
    code: 4,
    condition: 'failed',
    message: 'nvidia-smi may not read the GPUs: the agent needs access to /dev/nvidia*.',
  },
  {
    name: 'field_refused',
    text: /is not a valid field to query/i,
    condition: 'degraded',
    message: 'The driver refused a field that it listed itself; the agent is finding out which ones it takes.',
  },
];

/**
 * Names the way in which a call ended, or null for a good end. Exit code 14 is a good end: it warns of a corrupted
 * infoROM and the data above the warning is valid.
 */
export function nameFailure(ending: Ending): Failure | null {
  const pattern =
    PATTERNS.find((p) => p.text.test(ending.output) && (ending.code !== 0 || p.name === 'no_devices')) ??
    PATTERNS.find((p) => p.code !== undefined && p.code === ending.code);
  if (pattern) return { name: pattern.name, condition: pattern.condition, message: pattern.message };
  if (ending.code === 0 || ending.code === 14) return null;
  const how = ending.code === null ? `signal ${ending.signal ?? 'unknown'}` : `exit code ${ending.code}`;
  const said = firstLine(ending.output);
  return {
    name: 'ended',
    condition: 'failed',
    message: `nvidia-smi ended with ${how}${said ? ` and said: ${said}` : ' without a word'}. Run it by hand on this host.`,
  };
}

/** The infoROM warning (exit code 14): the values are good, the board wants attention. */
export function infoRomWarning(output: string): string | null {
  return /WARNING: infoROM is corrupted at gpu (\S+)/.exec(output)?.[1] ?? null;
}

/** The GPU that the tool could not open, by its place on the bus, and why. */
export function lostHandle(line: string): { busId: string; why: string } | null {
  const match = /Unable to determine the device handle for GPU\s*([0-9a-f:.]+): (.*)$/i.exec(line.trim());
  return match ? { busId: match[1] as string, why: (match[2] as string).trim() } : null;
}

/** An Xid line that the tool printed between rounds (or a kernel line of the same shape). */
export function xidLine(line: string): { busId: string; code: number } | null {
  const match = /Xid\s*(?:\((?:PCI:)?([0-9a-f:.]+)\))?\s*[:=]?\s*(\d+)/i.exec(line);
  return match ? { busId: match[1] ?? '', code: Number(match[2]) } : null;
}

/** The first line that says something, without control characters, at most 200 characters. */
export function firstLine(output: string): string {
  for (const line of output.split(/\r?\n/)) {
    // eslint-disable-next-line no-control-regex -- removing them is the point
    const clean = line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim();
    if (clean !== '') return clean.length > 200 ? `${clean.slice(0, 200)}…` : clean;
  }
  return '';
}

export const HUNG: Failure = {
  name: 'hung',
  condition: 'failed',
  message:
    'nvidia-smi stopped answering and could not be killed yet: the driver holds it in the kernel (see NVRM and Xid lines in the kernel log). Nothing new is started until it is gone; a reboot usually mends it.',
};

export const notInstalled = (tool: string): Failure => ({
  name: 'not_installed',
  condition: 'unavailable',
  message: `${tool} is not on this host, so no GPU is read; install the NVIDIA driver, or set FLOTILLA_NVIDIA_SMI to where it is.`,
});

export const notExecutable = (tool: string): Failure => ({
  name: 'not_allowed',
  condition: 'unavailable',
  message: `${tool} may not be run by the agent's user; make it executable, or set FLOTILLA_NVIDIA_SMI to another path.`,
});
