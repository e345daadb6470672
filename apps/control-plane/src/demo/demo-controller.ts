import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { ActionOutcome } from '@flotilla/domain';
import { ActionDispatch } from '../actions/index.js';
import type { ClaimedOffer } from '../actions/index.js';
import { Log } from '../platform/index.js';
import { DemoPower } from './demo-power.js';
import type { DemoFleet } from './demo.types.js';

/** How long a simulated cloud takes, milliseconds. */
const TAKES_MS = { stop: 3_000, start: 5_000 } as const;

/** The simulated agents' other half: takes what the queue offers to them and does it to the simulated machines. */
@Injectable()
export class DemoController {
  private readonly log: Log;
  private readonly running = new Map<string, Promise<void>>();

  constructor(
    private readonly dispatch: ActionDispatch,
    private readonly power: DemoPower,
    log: Log,
  ) {
    this.log = log.child('demo');
  }

  /** Takes what is queued for the demo's controllers. Call it when woken, and every few seconds besides. */
  async take(fleet: DemoFleet, stopping: AbortSignal): Promise<void> {
    const agents = fleet.controllers.map(({ agent }) => agent);
    for (const offer of await this.dispatch.claim(agents, 20)) {
      if (!(await this.dispatch.accepted(offer.agent, offer.actionId, offer.fence))) continue;
      const work = this.carryOut(fleet, offer, stopping)
        .catch((error: unknown) =>
          this.log.error({ err: error, action_id: offer.actionId }, 'a simulated action failed'),
        )
        .finally(() => this.running.delete(offer.actionId));
      this.running.set(offer.actionId, work);
    }
    for (const { agent } of fleet.controllers) await this.dispatch.renew(agent, [...this.running.keys()]);
  }

  /** Waits for what is being carried out. */
  async end(): Promise<void> {
    await Promise.all(this.running.values());
  }

  private async carryOut(fleet: DemoFleet, offer: ClaimedOffer, stopping: AbortSignal): Promise<void> {
    const startedAtMs = Date.now();
    // a demo that ends while a machine is being switched has switched it: nothing is left half done
    await wait(TAKES_MS[offer.verb], undefined, { signal: stopping }).catch(() => undefined);
    const machine = fleet.machines.find(({ simulated }) => simulated.providerId === offer.instanceId);
    await this.dispatch.settle(
      offer.agent,
      offer.actionId,
      offer.fence,
      machine ? this.switch(offer, startedAtMs) : noMachine(offer, startedAtMs),
    );
  }

  private switch(offer: ClaimedOffer, startedAtMs: number): ActionOutcome {
    const on = offer.verb === 'start';
    this.power.switch(offer.instanceId, on, Date.now() / 1000);
    const state = on ? 'running' : 'stopped';
    return {
      outcome: 'succeeded',
      message: `The simulated machine ${offer.instanceId} is ${state}.`,
      exitCode: 0,
      output: `simulated: ${offer.verb} ${offer.instanceId}: ${state}\n`,
      outputTruncated: false,
      startedAtMs,
      finishedAtMs: Date.now(),
      observedState: state,
    };
  }
}

function noMachine(offer: ClaimedOffer, startedAtMs: number): ActionOutcome {
  return {
    outcome: 'refused',
    message: `The simulated fleet has no machine ${offer.instanceId}.`,
    exitCode: null,
    output: '',
    outputTruncated: false,
    startedAtMs,
    finishedAtMs: Date.now(),
    observedState: 'unverified',
  };
}
