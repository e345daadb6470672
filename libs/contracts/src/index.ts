export * from './rest/common.js';
export * from './rest/query.js';
export * from './rest/sync-elements.js';
