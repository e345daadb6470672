import type { ActionOffer, Executor, NoPlan, Plan } from './executor.js';

/**
 * Controls of one kind that announce scopes (two regions, two accounts) all cover the same ids: only asking tells whose
 * an instance is. Each of them hands on what it cannot see to the next that covers it.
 */
export function withSiblings(executors: readonly Executor[]): Executor[] {
  return executors.map((executor) => {
    const { kind, instanceIds } = executor.control;
    if (instanceIds.length > 0) return executor;
    const family = executors.filter((other) => other.control.kind === kind && other.control.instanceIds.length === 0);
    return family.length === 1 ? executor : new Sibling(executor, family);
  });
}

class Sibling implements Executor {
  readonly control;

  constructor(
    private readonly first: Executor,
    private readonly family: readonly Executor[],
  ) {
    this.control = first.control;
  }

  covers(offer: ActionOffer): boolean {
    return this.first.covers(offer);
  }

  async plan(offer: ActionOffer, signal: AbortSignal): Promise<Plan | NoPlan> {
    const refused: string[] = [];
    for (const member of [this.first, ...this.family.filter((one) => one !== this.first)]) {
      if (!member.covers(offer) || !(member.control.verbs as readonly string[]).includes(offer.verb)) continue;
      const plan = await member.plan(offer, signal);
      if (!('refused' in plan) || !plan.elsewhere) return plan;
      refused.push(plan.refused);
    }
    return { refused: refused.join('; '), elsewhere: true };
  }
}
