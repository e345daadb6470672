export { Caller, retryAfter } from './caller.js';
export type { CallerOptions, Dialect } from './caller.js';
export { passes, ProviderError } from './errors.js';
export type { ProviderFault } from './errors.js';
export type { HttpRequest } from './request.js';
export { pages } from './paging.js';
export type { Page } from './paging.js';
export { isObject, listOf, nextCursor, objectOf, textOf, withList } from './shape.js';
export type { Json } from './shape.js';
