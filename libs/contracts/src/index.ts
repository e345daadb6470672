export * from './rest/common.js';
export * from './rest/query.js';
