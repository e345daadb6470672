/**
 * What the newest reading says of a GPU's health, whatever it was read with. A key that is absent was not told, which
 * never ends a condition.
 */
export interface GpuFindings {
  /** The driver's words where it answers nothing for this GPU; null: it answers. */
  readonly unanswered?: string | null;
  /** Known from before and not listed by the driver any more. */
  readonly missing?: boolean;
  /** The driver's word, "None" included. */
  readonly recoveryAction?: string;
  readonly rowRemapFailure?: boolean;
  readonly rowRemapPending?: boolean;
  readonly retiredPagesPending?: boolean;
  readonly sramThresholdExceeded?: boolean;
  readonly unrepairableMemory?: boolean;
  readonly repairPending?: boolean;
  readonly resetRequired?: boolean;
  readonly drainAndResetRecommended?: boolean;
  readonly infoRomCorrupted?: boolean;
  readonly fabricState?: string;
  readonly fabricStatus?: string;
  readonly inactiveNvlinks?: readonly number[];
  /** NVML's clocks event reasons. */
  readonly throttleReasons?: number;
  /** Counters since the driver was loaded. */
  readonly eccUncorrected?: number;
  readonly eccCorrected?: number;
}

/** Bits of the clocks event reasons by which the board protects itself (nvml.h). */
const PROTECTION: readonly (readonly [bit: number, words: string])[] = [
  [0x8, 'hardware slowdown'],
  [0x20, 'software thermal slowdown'],
  [0x40, 'hardware thermal slowdown'],
  [0x80, 'power brake'],
];

/** The words of those reasons that are set; empty: none. */
export const protectionWords = (throttleReasons: number): readonly string[] =>
  PROTECTION.filter(([bit]) => Math.floor(throttleReasons / bit) % 2 === 1).map(([, words]) => words);
