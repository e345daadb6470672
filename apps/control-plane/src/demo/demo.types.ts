import type { AgentRef, SimulatedGpu, SimulatedInstance } from '@flotilla/domain';

/** A simulated machine together with what it is called in the database. */
export interface DemoMachine {
  readonly simulated: SimulatedInstance;
  /** The agent that would run on it. */
  readonly agent: AgentRef;
  readonly instanceId: number;
  readonly hostDeviceId: number;
  /** When it was bought or rented; Unix seconds, at a midnight of UTC. There is nothing of it before. */
  readonly bornS: number;
  readonly devices: readonly { readonly gpu: SimulatedGpu; readonly deviceId: number }[];
}

/** The agent that starts and stops the machines of one cloud. */
export interface DemoController {
  readonly agent: AgentRef;
  readonly cloudProvider: string;
}

export interface DemoFleet {
  readonly tenantId: string;
  readonly machines: readonly DemoMachine[];
  readonly controllers: readonly DemoController[];
}

/** Seconds between two samples of a simulated agent. */
export const DEMO_INTERVAL_S = 5;
/** Any number does; another one is another fleet. */
export const DEMO_SEED = 20_261;
