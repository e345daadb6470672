/** HTTP towards machines and clouds, where it matters whether a request can have arrived. */
export { callHttp } from './client.js';
export type { HttpAnswer, HttpCall, HttpOptions } from './client.js';
export type { TlsTrust } from './connect.js';
export { HttpFailure } from './failure.js';
export { backoffMs, realPatience, retryAfterMs } from './retry.js';
export type { Backoff, Patience } from './retry.js';
