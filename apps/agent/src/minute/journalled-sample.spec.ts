import { decodeSample, encodeSample } from './journalled-sample.js';
import type { JournalledSample } from './journalled-sample.js';

const sample: JournalledSample = {
  device: 'GPU-6f7b0b46-ä',
  minuteS: 1_800_000_000,
  second: 59,
  intervalS: 2.5,
  values: new Map([
    [1, 97],
    [6, 71.85],
    [65_535, 1e15],
    [7, -0.1],
  ]),
};

it('comes back as it was written', () => {
  expect(decodeSample(sample.minuteS, encodeSample(sample))).toEqual(sample);
  const empty = { ...sample, values: new Map() };
  expect(decodeSample(sample.minuteS, encodeSample(empty))).toEqual(empty);
});

it('reads what an agent before this version left', () => {
  const line = Buffer.from(JSON.stringify([sample.device, 59, 2.5, [...sample.values]]));
  expect(decodeSample(sample.minuteS, line)).toEqual(sample);
});

it.each([
  ['nothing', Buffer.alloc(0)],
  ['a later version', Buffer.of(2, 0, 0, 0, 0, 0, 0, 0)],
  ['a sample without its end', encodeSample(sample).subarray(0, 30)],
  ['a broken line', Buffer.from('[1,2')],
])('does not take %s for a sample', (_, bytes) => {
  expect(decodeSample(0, bytes)).toBeNull();
});
