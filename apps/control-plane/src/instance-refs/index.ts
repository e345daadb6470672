export { resolveInstance } from './instance-refs.js';
export type { IdType } from './instance-refs.js';
