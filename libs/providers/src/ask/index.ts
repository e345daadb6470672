/** Questions to the APIs of providers: with patience, page by page, with errors that say what mends them. */
export { Caller, retryAfter } from './caller.js';
export type { CallerOptions, Dialect, HttpRequest } from './caller.js';
export { passes, ProviderError } from './errors.js';
export type { ProviderFault } from './errors.js';
export { pages } from './paging.js';
export type { Page } from './paging.js';
export { isObject, listOf, nextCursor, objectOf, textOf, withList } from './shape.js';
export type { Json } from './shape.js';
