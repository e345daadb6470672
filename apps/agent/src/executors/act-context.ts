import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { Clock } from '../clock.js';
import { failpoint } from '../failpoint.js';
import type { ActionRecord, StepState } from './action-state.js';
import type { ActContext, ActEnd, CommandEnd, Plan, RequestStep, StepAnswer } from './executor.js';
import type { OutputFile } from './output.js';
import { runCommand } from './run-command.js';

const KEEP_CHARACTERS = 4096;
/** Beyond its own time-outs an act gets this long to notice that its time is over. */
const SLACK_MS = 2_000;

export interface ActLeaseOptions {
  readonly actionId: string;
  /** For the output of commands. */
  readonly folder: string;
  readonly output: OutputFile;
  readonly clock: Clock;
  /** What the journal says was sent already. */
  readonly steps: () => ReadonlyMap<string, StepState>;
  /** @throws when it cannot be written: then nothing may be sent */
  readonly write: (record: ActionRecord) => void;
  /** For what is known only after the deed: a journal that cannot take it costs certainty after a crash, no more. */
  readonly tryWrite: (record: ActionRecord) => void;
}

/** Lends an executor the means to act, for as long as its act may take, and journals what it does with them. */
export class ActLease {
  private readonly abort = new AbortController();
  private resuming = false;

  constructor(private readonly options: ActLeaseOptions) {}

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Lets the plan act (or take up its act after a crash) and waits no longer than the plan allows. */
  async act(plan: Plan, resume = false): Promise<ActEnd> {
    this.resuming = resume;
    const context = this.makeContext();
    const work = resume && plan.resume ? plan.resume(context) : plan.act(context);
    const limitMs = plan.timeoutMs + plan.graceMs + SLACK_MS;
    const ends = work.catch((error: unknown): ActEnd => uncertain(`it broke off: ${messageOf(error)}`));
    const end = await within(this.options.clock, limitMs, ends, () =>
      uncertain(`it did not end within ${limitMs / 1000} s, and nobody waits for it any more`),
    );
    this.abort.abort();
    return end;
  }

  /** Whatever still runs on behalf of the action is told that nobody waits for it. */
  end(): void {
    this.abort.abort();
  }

  private readonly makeContext = (): ActContext => ({
    actionId: this.options.actionId,
    signal: this.abort.signal,
    command: async (spec) => {
      const { actionId, folder, output, clock, tryWrite } = this.options;
      if (this.resuming) return NOT_AGAIN;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const end = runCommand(spec, actionId, output, clock, ({ pid, startTicks }) => {
        failpoint('after-spawn');
        tryWrite({ t: 'started', id: actionId, pid, startTicks });
      });
      failpoint('during-command');
      return end;
    },
    request: (step) => this.request(step),
    pause: (ms) =>
      new Promise((resolve, reject) => {
        const { signal } = this.abort;
        const over = () => reject(new Error('the time of the act is over'));
        if (signal.aborted) return over();
        signal.addEventListener('abort', over, { once: true });
        this.options.clock.after(ms, () => {
          signal.removeEventListener('abort', over);
          resolve();
        });
      }),
  });

  private async request(step: RequestStep): Promise<StepAnswer> {
    const { actionId: id, clock, steps, write, tryWrite } = this.options;
    const { name } = step;
    const known = steps().get(name);
    if (known?.answer && known.answer.how !== 'uncertain') return known.answer;
    if (known && step.repeat === 'never') {
      return known.answer ?? { how: 'uncertain', said: 'it was sent, or about to be, when the agent ended' };
    }
    if (this.signal.aborted) return { how: 'failed', said: `${name} was not sent: the time of the act is over` };
    const token = known?.token ?? tokenOf(id, name);
    if (!known) {
      try {
        write({ t: 'step', id, name, token });
      } catch (error) {
        return {
          how: 'failed',
          said: `${name} was not sent: the action journal cannot be written (${messageOf(error)})`,
        };
      }
    }
    failpoint('before-request');
    const stop = new AbortController();
    const signal = AbortSignal.any([this.signal, stop.signal]);
    let sent: Promise<StepAnswer>;
    try {
      sent = step.send(token, signal);
    } catch (error) {
      sent = Promise.reject(error as Error);
    }
    failpoint('during-request');
    const answer = await within<StepAnswer>(
      clock,
      step.timeoutMs,
      sent.catch((error: unknown) => ({ how: 'uncertain' as const, said: messageOf(error) })),
      () => ({ how: 'uncertain', said: `${name} was not answered within ${step.timeoutMs / 1000} s` }),
    );
    stop.abort();
    failpoint('after-request');
    const { how, said, keep } = answer;
    const kept = keep === undefined ? {} : { keep: keep.slice(0, KEEP_CHARACTERS) };
    tryWrite({ t: 'answered', id, name, how, said: said.slice(0, KEEP_CHARACTERS), ...kept });
    return answer;
  }
}

/** The same for the same step of the same action, also where a journal was lost. */
const tokenOf = (actionId: string, name: string) =>
  createHash('sha256').update(`flotilla ${actionId} ${name}`).digest('hex').slice(0, 32);

const NOT_AGAIN: CommandEnd = {
  exitCode: null,
  output: '',
  outputTruncated: false,
  trouble: 'was interrupted by the end of the agent, so its exit code is not known',
};

export const uncertain = (said: string): ActEnd => ({
  how: 'uncertain',
  said,
  exitCode: null,
  output: '',
  outputTruncated: false,
  mayStillWork: true,
});

/** What `work` resolves to, or what `late` says when it takes longer. */
export async function within<T>(clock: Clock, limitMs: number, work: Promise<T>, late: () => T): Promise<T> {
  let cancel = () => {};
  const over = new Promise<T>((resolve) => {
    cancel = clock.after(limitMs, () => resolve(late()));
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    cancel();
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
