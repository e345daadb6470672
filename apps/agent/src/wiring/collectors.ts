import { createCollectors } from '../collectors/index.js';
import type { Collector } from '../collectors/collector.js';
import { instanceOptions } from '../config/instance-options.js';
import type { AgentContext } from './context.js';

/** What reads the GPUs and the host, by the settings. */
export function wireCollectors({ settings }: AgentContext): Collector[] {
  return createCollectors({
    reader: settings.reader,
    nvidiaSmi: settings.nvidiaSmi,
    nvmlLibrary: settings.nvmlLibrary,
    intervalS: settings.intervalS,
    instance: instanceOptions(settings),
    metadata: settings.metadata,
    stateDir: settings.stateDir,
  });
}
