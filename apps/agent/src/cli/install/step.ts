/** One thing that install or uninstall sees to. */
export interface Step {
  /** What will be so afterwards, in words that fit "would:", "done:" and "already:". */
  readonly what: string;
  /** Whether it is so already. */
  isDone(): boolean;
  /** @throws Error with a sentence that says why it cannot be done */
  make(): void | Promise<void>;
}

export interface StepOptions {
  readonly dryRun: boolean;
  readonly say: (line: string) => void;
}

/** Does what is not done yet, in order. @returns false when one failed; the later ones are not tried then */
export async function makeSteps(steps: readonly Step[], { dryRun, say }: StepOptions): Promise<boolean> {
  for (const step of steps) {
    if (step.isDone()) say(`already  ${step.what}`);
    else if (dryRun) say(`would    ${step.what}`);
    else {
      try {
        await step.make();
        say(`done     ${step.what}`);
      } catch (error) {
        say(`failed   ${step.what}: ${(error as Error).message}`);
        return false;
      }
    }
  }
  return true;
}
