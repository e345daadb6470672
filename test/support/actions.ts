import type { ActionOutcome } from '@flotilla/domain';

/** A host that was told to stop and did. */
export const DONE: ActionOutcome = {
  outcome: 'succeeded',
  message: 'stopped',
  exitCode: 0,
  output: 'ok\n',
  outputTruncated: false,
  startedAtMs: 1_700_000_000_000,
  finishedAtMs: 1_700_000_001_000,
  observedState: 'stopped',
};

/** An agent that switches its own host with a configured command. */
export const COMMAND = {
  kind: 'command',
  verbs: ['start', 'stop'],
  instanceIds: ['self'],
  scope: {},
  level: 'power',
} as const;
