import { ownProgram } from '../program.js';
import { nvmlChild } from './main.js';

/**
 * `flotilla-agent nvml-reader <library> <interval in ms> <pid of the agent>`: started by the agent alone, with the
 * messages' pipe as file descriptor 3.
 */
export async function nvmlCommand(words: readonly string[]): Promise<void> {
  if (words.length !== 3) {
    process.stderr.write('nvml-reader is started by the agent itself; to read with NVML, run it with --reader nvml\n');
    process.exitCode = 2;
    return;
  }
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
