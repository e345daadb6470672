import type { AgentContext } from './context.js';
import type { Part } from './part.js';

/** What a part may ask of the agent as a whole. */
export interface RunningAgent {
  /** Whether the control plane is reached now. */
  readonly isConnected: () => boolean;
}

/**
 * The parts that this host's settings ask for. Each in two lines: a condition on `context.settings`, and
 * `parts.push((await import('./x.js')).wireX(context))`. By `import()` because what a host does not need is then not
 * evaluated (memory, start time).
 */
export async function createParts(context: AgentContext, agent: RunningAgent): Promise<Part[]> {
  const parts: Part[] = [];
  const { settings } = context;
  if (settings.prometheus) {
    parts.push((await import('./prometheus.js')).wirePrometheus(context, settings.prometheus, agent.isConnected));
  }
  parts.push((await import('./health.js')).wireHealth(context));
  if (settings.spend.length > 0) parts.push((await import('./spend.js')).wireSpend(context));
  return parts;
}
