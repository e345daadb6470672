import type { AgentContext } from './context.js';

/**
 * Something that runs beside collecting, sending and acting, because the settings ask for it: /metrics, health, spend.
 * It must never throw out of a timer; trouble becomes a line in the log or a collector's state.
 */
export interface Part {
  readonly name: string;
  /** Before the collectors start: `context.intake.watch` sees everything from the first sample on. */
  start(): void | Promise<void>;
  /** Once a second, after the open minute was looked after. */
  tick?(): void | Promise<void>;
  /** After the collectors stopped. Safe to call twice. */
  stop(): void | Promise<void>;
}

/** A part that this host asks for, loaded only then; a condition in `parts.ts` decides. */
export type PartFactory = (context: AgentContext) => Part;
