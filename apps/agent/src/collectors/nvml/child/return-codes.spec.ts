import { absenceOf, endsTheSession, faultWordsOf } from './return-codes.js';

describe('what a return code of NVML means', () => {
  it.each([
    [2, 'unsupported', 'a field or link that the driver does not know'],
    [3, 'unsupported', 'not supported'],
    [6, 'unsupported', 'not found'],
    [13, 'unsupported', 'function not found'],
    [26, 'unsupported', 'deprecated'],
    [4, 'forbidden', 'no permission'],
    [17, 'forbidden', 'blocked by the control group'],
    [15, 'fault', 'GPU is lost'],
    [16, 'fault', 'GPU requires reset'],
    [10, 'fault', 'timeout'],
    [999, 'fault', 'unknown error'],
    [4711, 'fault', 'a code that nobody has seen'],
  ])('%i is %s: %s', (code, absence) => {
    expect(absenceOf(code)).toBe(absence);
  });

  it('has the words of nvidia-smi for faults', () => {
    expect([15, 16, 999, 8, 4711].map(faultWordsOf)).toEqual([
      '[GPU is lost]',
      '[GPU requires reset]',
      '[Unknown Error]',
      '[Insufficient External Power]',
      '[NVML error 4711]',
    ]);
  });

  it('knows after which codes NVML has to be loaded anew', () => {
    expect([0, 1, 3, 9, 15, 16, 18, 999].filter(endsTheSession)).toEqual([1, 9, 18]);
  });
});
