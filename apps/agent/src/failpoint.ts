/**
 * For tests of crashes only: `FLOTILLA_FAILPOINT=name` (or `name:3`, the third time) makes the agent kill itself with
 * SIGKILL at that place, as a power cut would. `main.ts` refuses the variable unless `FLOTILLA_TEST=1` is set too.
 *
 * Names: after-journal-accepted, after-journal-starting, after-spawn, during-command, before-request, during-request,
 * after-request, before-result, after-result-sent,
 * after-spool-append, before-batch-send, before-ack-delete, after-minute-close.
 */
let armed: { name: string; passes: number } | null = null;

/** @throws Error when the word is not `name` or `name:count` */
export function armFailpoint(word: string): void {
  const match = /^([a-z-]+)(?::([1-9]\d{0,5}))?$/.exec(word);
  if (!match?.[1]) throw new Error(`FLOTILLA_FAILPOINT=${word} is not "name" or "name:count"`);
  armed = { name: match[1], passes: Number(match[2] ?? 1) };
}

/** Dies here when a test asked for it. */
export function failpoint(name: string): void {
  if (armed?.name !== name) return;
  armed.passes -= 1;
  if (armed.passes > 0) return;
  process.kill(process.pid, 'SIGKILL');
  // the signal may be delivered a moment later: nothing more may happen in between
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}
