import { metricId } from '@flotilla/domain';
import type { GpuFindings } from '@flotilla/domain';
import type { GpuSignals, Reading } from '../collectors/collector.js';

const THROTTLE = metricId('throttle_reasons');
const ECC_UNCORRECTED = metricId('ecc_errors_uncorrected');
const ECC_CORRECTED = metricId('ecc_errors_corrected');
const ROWS_PENDING = metricId('remapped_rows_pending');
const ROWS_FAILURE = metricId('remapped_rows_failure');
const PAGES_PENDING = metricId('retired_pages_pending');

/** What a reading says of health: its metrics and its signals together. What is not told is left out. */
export function findingsOf(values: ReadonlyMap<number, Reading>, signals: GpuSignals): GpuFindings {
  const { unanswered, missing, fault: _, ...told } = signals;
  return {
    ...told,
    unanswered: unanswered ?? null,
    // a reader that says anything of a GPU finds it listed, unless it says otherwise
    missing: missing ?? false,
    ...number('throttleReasons', values.get(THROTTLE)),
    ...number('eccUncorrected', values.get(ECC_UNCORRECTED)),
    ...number('eccCorrected', values.get(ECC_CORRECTED)),
    ...flag('rowRemapPending', values.get(ROWS_PENDING)),
    ...flag('rowRemapFailure', values.get(ROWS_FAILURE)),
    ...flag('retiredPagesPending', values.get(PAGES_PENDING)),
  };
}

const number = <K extends string>(key: K, reading: Reading | undefined) =>
  (typeof reading === 'number' ? { [key]: reading } : {}) as { [P in K]?: number };

const flag = <K extends string>(key: K, reading: Reading | undefined) =>
  (typeof reading === 'number' ? { [key]: reading !== 0 } : {}) as { [P in K]?: boolean };
