import { isSea } from 'node:sea';

/** The hidden sub-command under which the agent is the process that calls NVML. */
export const NVML_COMMAND = 'nvml-reader';

/** The agent's own program, whichever way it is installed. */
export interface Program {
  /** What is started, with what stands before the sub-command. */
  readonly command: readonly [string, ...string[]];
  /** The file that it is: koffi's module is looked for beside it. */
  readonly path: string;
  readonly isSingleExecutable: boolean;
}

/** This process's program: the single executable itself, or Node with the file that it runs. */
export function ownProgram(): Program {
  if (isSea()) return { command: [process.execPath], path: process.execPath, isSingleExecutable: true };
  const path = process.argv[1] ?? '';
  // A debugger's port is taken by this process.
  const flags = process.execArgv.filter((flag) => !flag.startsWith('--inspect'));
  return { command: [process.execPath, ...flags, path], path, isSingleExecutable: false };
}
