import type { CollectorCondition } from '../collector.js';
import type { FailedReason } from './protocol.js';

/** What is wrong with the reading through NVML, in words for the person who has to mend it. */
export interface Failure {
  readonly name: 'koffi_missing' | 'library_missing' | 'driver' | 'no_devices' | 'hung' | 'ended' | 'unreadable';
  readonly condition: Exclude<CollectorCondition, 'ok'>;
  readonly message: string;
}

const OTHER_READER = 'or use --reader nvidia-smi';

/** By NVML's return code (nvml.h), as the driver answers to the initialisation or, later, to everything. */
const BY_CODE: Readonly<Record<number, string>> = {
  1: 'NVML was shut down under the agent (the driver was reloaded?); it is loaded anew.',
  4: "NVML may not read the GPUs: the agent's user needs access to /dev/nvidia*.",
  9: 'The NVIDIA driver is not loaded, so NVML cannot be used. Load it (modprobe nvidia), or reinstall it when the kernel was upgraded.',
  12: 'NVML cannot find its library: install the driver package completely, or mount the library into this container.',
  15: 'A GPU has fallen off the bus and NVML stopped at it: reboot the host to recover it.',
  17: 'The operating system does not let the agent use the GPUs: check the device permissions of its control group or container.',
  18: 'The NVIDIA driver was upgraded while the old one is still loaded (driver/library version mismatch): running jobs go on, but nothing can be read until the host is rebooted or the driver modules are reloaded.',
  999: 'NVML cannot be initialised (Unknown Error): in a container the device permissions were lost, often after systemctl daemon-reload. Restart the container.',
};
const NO_DEVICES = 28;

/** Names what the child said before it ended. */
export function failureOf(reason: FailedReason, code: number, words: string, library: string): Failure {
  if (reason === 'koffi') return { name: 'koffi_missing', condition: 'failed', message: words };
  if (reason === 'library') {
    return {
      name: 'library_missing',
      condition: 'unavailable',
      message: `${library} cannot be loaded (${words}), so no GPU is read: install the NVIDIA driver, mount its library into this container, or set nvml_library to where it is.`,
    };
  }
  if (code === NO_DEVICES) {
    return {
      name: 'no_devices',
      condition: 'failed',
      message:
        'The NVIDIA driver is loaded but finds no GPU: check the kernel log for NVRM lines and the power of the boards.',
    };
  }
  const message = BY_CODE[code] ?? `NVML cannot be used: it answers ${words} (code ${code}). Run nvidia-smi by hand.`;
  return { name: 'driver', condition: 'failed', message };
}

/** It was killed because it was silent for so long. */
export const silent = (ms: number): Failure => ({
  name: 'hung',
  condition: 'failed',
  message: `NVML gave no reading for ${ms / 1000} s and its process was stopped; it is started again. Look for NVRM and Xid lines in the kernel log.`,
});

export const HUNG: Failure = {
  name: 'hung',
  condition: 'failed',
  message:
    'A call into NVML does not return and its process could not be killed yet: the driver holds it in the kernel (see NVRM and Xid lines in the kernel log). Nothing new is started until it is gone; a reboot usually mends it.',
};

/** It ended without a word of its own. @param said the end of what it printed */
export function ended(code: number | null, signal: string | null, said: string): Failure {
  const how = code === null ? `signal ${signal ?? 'unknown'}` : `exit code ${code}`;
  const last = said.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  return {
    name: 'ended',
    condition: 'failed',
    message: `The process that reads NVML ended with ${how}${last ? ` and said: ${last}` : ''}. It is started again; if that goes on, ${OTHER_READER.slice(3)}.`,
  };
}

export const notStarted = (why: string): Failure => ({
  name: 'ended',
  condition: 'failed',
  message: `The process that reads NVML could not be started (${why}): the host is out of processes, memory or files.`,
});

export const unreadable = (why: string): Failure => ({
  name: 'unreadable',
  condition: 'failed',
  message: `The process that reads NVML says what nobody understands (${why}) and was stopped; is the agent's program being replaced? ${OTHER_READER}.`,
});
