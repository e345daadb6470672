import type { AgentContext } from './context.js';
import type { Part } from './part.js';

/**
 * The parts that this host's settings ask for. Each in two lines: a condition on `context.settings`, and
 * `parts.push((await import('./x.js')).wireX(context))`. By `import()` because what a host does not need is then not
 * evaluated (memory, start time).
 */
export async function createParts(_context: AgentContext): Promise<Part[]> {
  return [];
}
