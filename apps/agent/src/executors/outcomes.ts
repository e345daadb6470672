import type { ActionOutcome } from '@flotilla/domain';

/** The host said no before it did anything. */
export const refused = (message: string): ActionOutcome => ({
  outcome: 'refused',
  message,
  exitCode: null,
  output: '',
  outputTruncated: false,
  startedAtMs: null,
  finishedAtMs: null,
  observedState: null,
});
