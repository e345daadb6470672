import type { ActionVerb, Control } from '@flotilla/domain';

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
  readonly force: boolean;
  /** Unix milliseconds; 0: idleness is not asked for. */
  readonly idleSinceMs: number;
  readonly idleBelowPercent: number;
}

export type ObservedState = 'running' | 'stopped' | 'unverified';

export interface Observation {
  readonly state: ObservedState;
  /** What was seen, for a person: "is-active said inactive". */
  readonly detail: string;
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

/** What an executor may do while it acts; everything that must survive a crash of the agent goes through here. */
export interface ActContext {
  readonly actionId: string;
  /** Runs a command that is found again, and not started again, when the agent dies while it runs. */
  command(spec: CommandSpec): Promise<CommandEnd>;
}

/** One action, looked up and ready: nothing has been done yet. */
export interface Plan {
  /** What would be done, in words; a dry run is this sentence. */
  readonly what: string;
  readonly desired: 'running' | 'stopped';
  /** Why nobody may do it, or null. No force overrides it. */
  readonly protection: string | null;
  /** How long the desired state may take to show after the act; 0: it cannot be read back, so nobody waits for it. */
  readonly verifyMs: number;
  /** How long its command may run, and between SIGTERM and SIGKILL. */
  readonly timeoutMs: number;
  readonly graceMs: number;
  /** Whether carrying it out ends this very host: then only the next boot can tell. */
  readonly endsHost: boolean;
  observe(): Promise<Observation>;
  act(context: ActContext): Promise<CommandEnd>;
}

/** A way to act on something. One small folder each. */
export interface Executor {
  /** What it announces in the hello. */
  readonly control: Control & { readonly verbs: readonly ActionVerb[] };
  /** Whether the offer is for it. */
  covers(offer: ActionOffer): boolean;
  /** Looks up what is to be done; acts on nothing. */
  plan(offer: ActionOffer): Plan | { readonly refused: string };
}
