export * from './allocate.js';
export { compareDecimals, multiplyDecimals } from './decimal.js';
export * from './showback.js';
