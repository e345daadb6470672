import type { ActEnd, CommandEnd, StepAnswer } from './executor.js';

/** What a command's end says about the act. Not started is known to have done nothing; killed or unseen is not. */
export function endOfCommand(end: CommandEnd): ActEnd {
  const { exitCode, output, outputTruncated, trouble } = end;
  const said = trouble ? `the command ${trouble}` : `the command ended with exit code ${exitCode}`;
  const seen = exitCode !== null || trouble?.startsWith('could not be started');
  return { how: exitCode === 0 ? 'done' : seen ? 'failed' : 'uncertain', said, exitCode, output, outputTruncated };
}

/** What a request's answer says about the act, for executors whose act is that one request. */
export function endOfStep({ how, said }: StepAnswer, output = ''): ActEnd {
  return { how, said, exitCode: null, output, outputTruncated: false, mayStillWork: how === 'uncertain' };
}
