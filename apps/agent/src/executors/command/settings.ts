import * as z from 'zod/mini';
import { argv, instances, limits, text } from '../control-settings.js';

/** Start and stop by argument arrays; no shell is involved, so neither are quotes, pipes or variables. */
export const commandControl = z.strictObject({
  kind: z.literal('command'),
  /** workload: what runs on the machine; power: the machine itself. */
  level: z._default(z.enum(['workload', 'power']), 'workload'),
  instances,
  start: z.optional(argv),
  stop: z.optional(argv),
  /** Exit code 0: it runs; 1 or 3: it is stopped; anything else: nobody can tell. */
  check: z.optional(argv),
  /** Beside PATH, HOME and LANG, the only variables that the commands see. */
  env: z._default(z.record(text, z.string()), {}),
  cwd: z._default(text, '/'),
  ...limits(),
});

export type CommandControl = z.infer<typeof commandControl>;
