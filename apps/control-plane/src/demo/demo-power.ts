import { Injectable } from '@nestjs/common';
import { isPoweredAt } from '@flotilla/domain';
import type { SimulatedInstance } from '@flotilla/domain';

/** Which simulated machines are on: by their plan, unless somebody started or stopped them. */
@Injectable()
export class DemoPower {
  private readonly switched = new Map<string, { readonly on: boolean; readonly sinceS: number }>();

  /** What somebody did to the machine; holds from `sinceS` (Unix seconds) on. */
  switch(providerId: string, on: boolean, sinceS: number): void {
    this.switched.set(providerId, { on, sinceS });
  }

  /** At one moment, Unix seconds. */
  isOnAt(simulated: SimulatedInstance, atS: number): boolean {
    const switched = this.switched.get(simulated.providerId);
    return switched && atS >= switched.sinceS ? switched.on : isPoweredAt(simulated, Math.floor(atS / 60) * 60);
  }

  /** Throughout the minute that starts at `minuteS`: one in which the machine was switched is not reported. */
  isOnFor(simulated: SimulatedInstance, minuteS: number): boolean {
    return this.isOnAt(simulated, minuteS) && this.isOnAt(simulated, minuteS + 59);
  }
}
