import { ownProgram } from '../program.js';
import { nvmlChild } from './main.js';

/**
 * `flotilla-agent nvml-reader <library> <interval in ms> <pid of the agent>`: started by the agent alone, with the
 * messages' pipe as file descriptor 3.
 */
export async function nvmlCommand(words: readonly string[]): Promise<void> {
  const [library = '', intervalMs = '', parentPid = ''] = words;
  const { path, isSingleExecutable } = ownProgram();
  process.title = 'flotilla-agent nvml-reader';
  await nvmlChild({
    program: path,
    isSingleExecutable,
    library,
    intervalMs: Number(intervalMs),
    parentPid: Number(parentPid),
  });
}
