export { ActionDispatch, ACTIONS_CHANNEL, Controllers } from './actions.dispatch.js';
export type { ClaimedOffer } from './actions.dispatch.js';
