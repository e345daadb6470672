/** What a line of the kernel log says about GPUs and their switches. */
export type KernelReport =
  | {
      readonly kind: 'xid';
      readonly code: number;
      /** As the driver spells it; empty where the line names none. */
      readonly busId: string;
      /** For Xid 154: the recovery action that the driver asks for now, in its own words. */
      readonly recoveryAction?: string;
    }
  | {
      readonly kind: 'sxid';
      readonly code: number;
      /** Place of the NVSwitch on the bus. */
      readonly busId: string;
      readonly fatal: boolean;
    }
  | { readonly kind: 'driver_loaded' }
  /** The driver says which GPU sits where, which it does while it reports an error. */
  | { readonly kind: 'gpu_at'; readonly busId: string; readonly uuid: string };

const XID = /NVRM: Xid \((?:PCI:)?([0-9a-f:.]+)[^)]*\): (\d{1,4})\b/i;
const SXID = /SXid \((?:PCI:)?([0-9a-f:.]+)\): (\d{1,6}), (Fatal|Non-fatal)/i;
const RECOVERY = /recovery action changed from .*? to 0x[0-9a-f]+ \(([^)]*)\)/i;
const LOADED = /NVRM: loading NVIDIA UNIX/i;
const GPU_AT = /NVRM: GPU at (?:PCI:)?([0-9a-f:.]+): (GPU-[0-9a-f-]{8,})/i;

/**
 * Reads one message, without the prefix of whoever printed it; null for the thousands that are about something else.
 *
 * The second and third line of an SXid (`Severity 0 …`, `Data {…}`) carry its code again and are not counted. Older
 * drivers leave `PCI:` out, and in MIG mode the instance stands behind the place (`PCI:0000:01:00 GPU-I:05`).
 */
export function readKernelMessage(message: string): KernelReport | null {
  // the cheap test first: a busy host logs far more about networks than about GPUs
  if (!message.includes('NVRM') && !message.includes('SXid')) return null;
  const xid = XID.exec(message);
  if (xid) {
    const code = Number(xid[2]);
    const recoveryAction = code === 154 ? RECOVERY.exec(message)?.[1] : undefined;
    const found = { kind: 'xid' as const, code, busId: xid[1] as string };
    return recoveryAction === undefined ? found : { ...found, recoveryAction };
  }
  const sxid = SXID.exec(message);
  if (sxid) {
    const fatal = (sxid[3] as string).toLowerCase() === 'fatal';
    return { kind: 'sxid', code: Number(sxid[2]), busId: sxid[1] as string, fatal };
  }
  if (LOADED.test(message)) return { kind: 'driver_loaded' };
  const at = GPU_AT.exec(message);
  return at ? { kind: 'gpu_at', busId: at[1] as string, uuid: at[2] as string } : null;
}

/**
 * One spelling for a place on the bus: domain without leading zeros, bus and device, without the function, which the
 * kernel leaves out. `00000000:0B:00.0`, `0000:0B:00`, `0b:00.0` and `0000:0b:00.0` are one place. What is no place at all
 * is compared as it stands.
 */
export function busPlace(busId: string): string {
  const parts = /^(?:([0-9a-f]+):)?([0-9a-f]{1,2}):([0-9a-f]{1,2})(?:\.[0-9a-f])?$/i.exec(busId.trim());
  if (!parts) return busId.trim().toLowerCase();
  const domain = (parts[1] ?? '').replace(/^0+/, '') || '0';
  return `${domain}:${(parts[2] as string).padStart(2, '0')}:${(parts[3] as string).padStart(2, '0')}`.toLowerCase();
}
