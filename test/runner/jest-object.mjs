/**
 * What `import { jest } from '@jest/globals'` gives to a test: only what a test may need here. Modules are not replaced,
 * and clocks are passed in rather than faked, so that the rest is missing on purpose.
 */
const TIMEOUT = Symbol.for('TEST_TIMEOUT_SYMBOL');

const offered = {
  /** Bound of each following test of the file. */
  setTimeout(milliseconds) {
    globalThis[TIMEOUT] = milliseconds;
    return jest;
  },
};

export const jest = new Proxy(offered, {
  get(target, name) {
    if (name in target || typeof name === 'symbol') return target[name];
    throw new Error(`jest.${name} is not offered to tests: test/runner/jest-object.mjs has what is`);
  },
});
