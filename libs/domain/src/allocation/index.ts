export * from './allocate.js';
export { compareDecimals, multiplyDecimals, sumDecimals } from './decimal.js';
