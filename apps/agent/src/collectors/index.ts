import type { Collector, CollectorOptions } from './collector.js';

/** The collectors that run on this host, in the order in which they are started. */
export function createCollectors(options: CollectorOptions): Collector[] {
  void options;
  return [];
}
