import type { ActionVerb, Control, KnownProcess } from '@flotilla/domain';

/** What the control plane asks for, in the agent's own terms (proto `Offer`). */
export interface ActionOffer {
  readonly actionId: string;
  /** Grows with each time the action is handed out; the newest one wins. */
  readonly fence: number;
  readonly verb: string;
  /** `self`: this host; otherwise the provider id of the instance. */
  readonly instanceId: string;
  /** Kind of the control that is meant; empty: the first one that can. */
  readonly controlKind: string;
  readonly argumentsJson: string;
  /** Unix milliseconds, the control plane's clock; 0: none. */
  readonly expiresAtMs: number;
  /** Skips the preconditions of idleness and of processes; never protection. */
  readonly force: boolean;
  /** Unix milliseconds; 0: idleness is not asked for. */
  readonly idleSinceMs: number;
  readonly idleBelowPercent: number;
  /** Say what would be done, and do nothing. Absent in journals of earlier versions, as is what follows. */
  readonly dryRun?: boolean;
  /** Verified starts and stops of the instance before the request. */
  readonly generation?: number;
  /** The processes that were known to compute on the host's GPUs at the request; null: not asked. */
  readonly knownProcesses?: readonly KnownProcess[] | null;
}

/**
 * - `running`, `stopped`: seen by somebody who can see it
 * - `unverified`: nobody can tell, or it is neither
 */
export type ObservedState = 'running' | 'stopped' | 'unverified';

export interface Observation {
  readonly state: ObservedState;
  /** What was seen, for a person: "is-active said inactive". */
  readonly detail: string;
  /**
   * The change was taken and needs only time (a node that drains while its jobs end): when the time for it to show is
   * over, the outcome is `unknown` and the agent goes on looking, instead of `failed`.
   */
  readonly onItsWay?: boolean;
}

/** A child process that an executor wants to run: never a shell. */
export interface CommandSpec {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly timeoutMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

export interface CommandEnd {
  /** null: killed by a signal, not started, or it ended while nobody could see its code. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly outputTruncated: boolean;
  /** What happened, when it was not a plain exit: "was killed after 60 s". */
  readonly trouble: string | null;
}

/**
 * How an act or a step of it ended.
 *
 * - `done`: the far end took it, or the command ended with 0
 * - `failed`: it was seen not to work; nothing more comes of it
 * - `refused`: the far end said no before anything was done (not allowed, no such instance)
 * - `uncertain`: nobody saw how it ended (no answer in time, a connection that broke, a crash): it may have worked
 */
export type ActHow = 'done' | 'failed' | 'refused' | 'uncertain';

/** What came of acting. It is not the outcome: the state that is read back afterwards is. */
export interface ActEnd {
  readonly how: ActHow;
  /** For a person, in the past: "the command ended with exit code 3", "EC2 answered: stopping". */
  readonly said: string;
  /** Of a command; null where there was none. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly outputTruncated: boolean;
  /** Only with `uncertain`: what was sent may still take effect, so a state that has not changed proves nothing yet. */
  readonly mayStillWork?: boolean;
}

/** The answer to one request of an act. */
export interface StepAnswer {
  readonly how: ActHow;
  readonly said: string;
  /** What must outlive a crash, for example the id of an operation; at most 4 KiB, kept in the journal. No secrets. */
  readonly keep?: string;
}

/** One request that changes something outside of this process. */
export interface RequestStep {
  /** Names it within its action: `stop`, `evict-train-0`. The same name is the same step, also after a crash. */
  readonly name: string;
  readonly timeoutMs: number;
  /**
   * Whether it may be sent again when nobody knows whether it was sent: `safe` where a second one has no effect of its
   * own (the far end knows the token, or the request names a state and not a change); otherwise `never`.
   */
  readonly repeat: 'safe' | 'never';
  /**
   * Sends it. A rejection means that nobody knows whether it arrived (`uncertain`): an executor that knows better
   * (connection refused, an answer with an error) returns `failed` or `refused`.
   *
   * @param token the same for the same step of the same action whenever it is sent (32 hexadecimal digits): give it to a
   *   far end that knows idempotency tokens
   * @param signal aborted when the time of the step or of the act is over
   */
  send(token: string, signal: AbortSignal): Promise<StepAnswer>;
}

/** What an executor may do while it acts; everything that must survive a crash of the agent goes through here. */
export interface ActContext {
  readonly actionId: string;
  /** Aborted when the time of the act (`Plan.timeoutMs`) is over. */
  readonly signal: AbortSignal;
  /** Runs a command that is found again, and not started again, when the agent dies while it runs. */
  command(spec: CommandSpec): Promise<CommandEnd>;
  /**
   * Sends a request, journalled before it goes out and again when it is answered. Never rejects. A step that was
   * answered before a crash gives that answer again and is not sent; one that was sent and not answered is sent again
   * only where its `repeat` says `safe`, otherwise it is `uncertain`.
   */
  request(step: RequestStep): Promise<StepAnswer>;
  /** @throws when the time of the act is over */
  pause(ms: number): Promise<void>;
}

/** What the far end itself says to a dry run; `allowed` null: it cannot be asked. */
export interface Rehearsal {
  readonly allowed: boolean | null;
  readonly detail: string;
}

/** One action, looked up and ready: nothing has been done yet. */
export interface Plan {
  /** What would be done, in words, beginning with a verb: "stop container train". A dry run is this sentence. */
  readonly what: string;
  readonly desired: 'running' | 'stopped';
  /** Why nobody may do it, or null. No force overrides it. */
  readonly protection: string | null;
  /** How long the desired state may take to show after the act; 0: it cannot be read back, so nobody waits for it. */
  readonly verifyMs: number;
  /** How long the act may take altogether, and, of a command, between SIGTERM and SIGKILL. */
  readonly timeoutMs: number;
  readonly graceMs: number;
  /** Whether carrying it out ends this very host: then only the next boot can tell. */
  readonly endsHost: boolean;
  /** Reads the state and changes nothing. A rejection counts as `unverified` with its message. */
  observe(signal: AbortSignal): Promise<Observation>;
  /** Does it, once. Everything that changes something goes through the context. A rejection is `uncertain`. */
  act(context: ActContext): Promise<ActEnd>;
  /**
   * Takes up an act that an earlier run of the agent began and whose end nobody saw, where the state is not as desired.
   * Usually `act` itself, whose steps are told apart by their names. Absent: nothing is sent; the state alone decides.
   */
  resume?(context: ActContext): Promise<ActEnd>;
  /** Asks the far end whether it would let it be done (EC2's DryRun, a `can-i`); changes nothing. Absent: it has no such question. */
  rehearse?(signal: AbortSignal): Promise<Rehearsal>;
}

/** Why it cannot be planned: configuration, target, permission. */
export interface NoPlan {
  readonly refused: string;
  /** This control cannot see the target; another one of its kind (another region, another account) may. */
  readonly elsewhere?: boolean;
}

/**
 * A way to act on something. One small folder each: `settings.ts` (its part of the configuration file),
 * `<kind>.executor.ts` (this interface and its factory), one line in `kinds.ts`, and a run of the contract
 * (`test/support/executor-contract`), which says in tests what the words here mean.
 */
export interface Executor {
  /** What it announces in the hello. */
  readonly control: Control & { readonly verbs: readonly ActionVerb[] };
  /** Whether the offer is for it. */
  covers(offer: ActionOffer): boolean;
  /** Looks up what is to be done (which container, which instance id); acts on nothing. A rejection is a refusal. */
  plan(offer: ActionOffer, signal: AbortSignal): Promise<Plan | NoPlan>;
}
