export { DecisionRounds } from './decision-rounds.js';
export { LiveFleet } from './live-fleet.js';
export type { Watched } from './live-fleet.js';
export { RoundLostError } from './decision-round.js';
export type {
  DecisionEvaluator,
  DecisionRound,
  PastMinute,
  RoundFleet,
  RoundGpu,
  RoundInstance,
} from './decision-round.js';
export { DecisionsModule } from './decisions.module.js';
