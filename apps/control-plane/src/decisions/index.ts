export { DecisionRounds } from './decision-rounds.js';
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
