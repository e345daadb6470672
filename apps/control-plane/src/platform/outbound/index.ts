export { Outbound } from './outbound.js';
export type { OutboundAnswer, OutboundRequest } from './outbound.js';
export { OutboundError } from './outbound-error.js';
export type { OutboundFault } from './outbound-error.js';
