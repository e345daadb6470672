/** An EC2 instance of the fake: a state that moves by itself some time after it was asked to. */
export type State = 'pending' | 'running' | 'stopping' | 'stopped' | 'terminated';

export interface MachineOptions {
  readonly id: string;
  readonly state?: State;
  readonly type?: string;
  readonly lifecycle?: 'spot' | 'capacity-block';
  readonly spotRequest?: { readonly id: string; readonly type: 'one-time' | 'persistent' };
  readonly tags?: Readonly<Record<string, string>>;
  readonly reservationId?: string;
  readonly rootDevice?: 'ebs' | 'instance-store';
  /** How long it is `stopping` or `pending`. */
  readonly changeMs?: number;
  readonly stopProtected?: boolean;
  /** It is let in, and then there is no machine: back to `stopped`. */
  readonly capacityEndsLate?: boolean;
}

export class Machine {
  state: State;
  reason: { code: string; message: string } | null = null;
  private goal: { state: State; atMs: number } | null = null;

  constructor(
    readonly options: MachineOptions,
    private readonly nowMs: () => number,
  ) {
    this.state = options.state ?? 'running';
  }

  /** The state now: what was asked for comes true when its time has passed. */
  settle(): State {
    if (this.goal && this.nowMs() >= this.goal.atMs) {
      this.state = this.goal.state;
      this.goal = null;
    }
    return this.state;
  }

  /** Somebody else brings it there at once. */
  put(state: State): void {
    this.state = state;
    this.goal = null;
    this.reason = null;
  }

  /** @returns whether it changed anything: EC2 takes a Stop of what stops already, and does nothing */
  ask(verb: 'stop' | 'start'): boolean | 'IncorrectInstanceState' {
    const state = this.settle();
    if (verb === 'stop') {
      if (state === 'stopping' || state === 'stopped') return false;
      if (state !== 'running') return 'IncorrectInstanceState';
      this.begin('stopping', 'stopped', {
        code: 'Client.UserInitiatedShutdown',
        message: 'Client.UserInitiatedShutdown: User initiated shutdown',
      });
      return true;
    }
    if (state === 'pending' || state === 'running') return false;
    if (state !== 'stopped') return 'IncorrectInstanceState';
    if (this.options.capacityEndsLate) {
      this.begin('pending', 'stopped', {
        code: 'Server.InsufficientInstanceCapacity',
        message: 'Server.InsufficientInstanceCapacity: Insufficient capacity to satisfy instance request',
      });
    } else {
      this.begin('pending', 'running', null);
    }
    return true;
  }

  private begin(now: State, then: State, reason: { code: string; message: string } | null): void {
    this.state = now;
    this.reason = reason;
    this.goal = { state: then, atMs: this.nowMs() + (this.options.changeMs ?? 100) };
  }
}
