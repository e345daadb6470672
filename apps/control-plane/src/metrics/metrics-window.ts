import type { InstanceMetricsQuery } from '@flotilla/contracts';
import { AppError } from '../platform/index.js';

export type Resolution = 'raw' | '1m' | '1h';

/** What a chart reads: half open, in Unix seconds. */
export interface MetricsWindow {
  readonly fromS: number;
  readonly toS: number;
  readonly resolution: Resolution;
  /** Steps begin at `originS`, are this long, and are at most `limit`. */
  readonly stepS: number;
  readonly originS: number;
}

const UNIT_S: Readonly<Record<Resolution, number>> = { raw: 1, '1m': 60, '1h': 3_600 };

/**
 * Decides what a chart is made from. `auto` takes the finest that gives at most `limit` points: samples where a point a
 * second would fit, then minutes, then hours.
 *
 * @param rawFromS since when samples are kept for this tenant
 * @throws AppError when the window is empty or asks for samples that are not kept any more
 */
export function decideWindow(query: InstanceMetricsQuery, nowS: number, rawFromS: number): MetricsWindow {
  const toS = (query.to?.getTime() ?? nowS * 1000) / 1000;
  const fromS = query.from ? query.from.getTime() / 1000 : toS - query.hours * 3_600;
  if (fromS >= toS) {
    throw new AppError('VALIDATION_ERROR', 'The window is empty: `from` must lie before `to`.', {
      field: 'from',
      value: query.from?.toISOString(),
      expected: `before ${new Date(toS * 1000).toISOString()}`,
    });
  }
  const hasSamples = fromS >= rawFromS;
  const resolution = query.resolution === 'auto' ? finest(toS - fromS, query.limit, hasSamples) : query.resolution;
  const p95 = query.aggregate.includes('p95');
  if (!hasSamples && (resolution === 'raw' || p95)) {
    const since = new Date(rawFromS * 1000).toISOString();
    throw new AppError(
      'VALIDATION_ERROR',
      `${p95 ? 'p95 needs' : 'resolution=raw shows'} samples, and they are kept since ${since} only.`,
      {
        field: p95 ? 'aggregate' : 'resolution',
        value: p95 ? 'p95' : 'raw',
        expected: `from at or after ${since}`,
      },
    );
  }
  const unitS = UNIT_S[resolution];
  const originS = Math.floor(fromS / unitS) * unitS;
  const stepS = resolution === 'raw' ? 1 : Math.max(1, Math.ceil((toS - originS) / unitS / query.limit)) * unitS;
  return { fromS, toS, resolution, stepS, originS };
}

function finest(lengthS: number, limit: number, hasSamples: boolean): Resolution {
  if (hasSamples && lengthS <= limit) return 'raw';
  return lengthS / limit < 3_600 ? '1m' : '1h';
}
