import { LiveBuffer, MOST_SAMPLES } from './live-buffer';
import { gpuNames } from './gpu-names';
import { throttleMarks, throttled } from './throttling';

const sample = (second: number, value: number, instance = 1) => ({
  instance_id: instance,
  device: 'GPU-a',
  timestamp: new Date(second * 1_000).toISOString(),
  metrics: { power_draw: value },
});

describe('LiveBuffer', () => {
  it('takes what is new of its instance, once', () => {
    const buffer = new LiveBuffer();
    expect(buffer.take([sample(1, 10), sample(1, 11), sample(2, 20, 9)], 1)).toBe(true);
    expect(buffer.take([sample(1, 10)], 1)).toBe(false);
    expect(buffer.after('GPU-a', 'power_draw', 0, 1_000)).toEqual({ times: [1_000], values: [10] });
  });

  it('does not grow, however long the page is open', () => {
    const buffer = new LiveBuffer();
    for (let second = 0; second < 10_000; second++) buffer.take([sample(second, second)], 1);
    expect(buffer.size).toBe(MOST_SAMPLES);
    expect(buffer.after('GPU-a', 'power_draw', 0, 1_000).values.at(-1)).toBe(9_999);
  });

  it('gives the mean of a step, after what was loaded, and nothing for what did not come', () => {
    const buffer = new LiveBuffer();
    for (let second = 30; second < 180; second++) buffer.take([sample(second, second)], 1);
    const { times, values } = buffer.after('GPU-a', 'power_draw', 0, 60_000);
    expect(times).toEqual([60_000, 120_000]);
    expect(values.map(Math.round)).toEqual([90, 150]);
    expect(buffer.after('GPU-a', 'temperature', 0, 60_000)).toEqual({ times: [], values: [] });
    expect(buffer.after('GPU-b', 'power_draw', 0, 60_000).times).toEqual([]);
  });
});

describe('throttling', () => {
  it('becomes spans as long as the samples stand apart, and marks only where somebody is needed', () => {
    const times = Array.from({ length: 12 }, (_, i) => i * 5_000);
    const values = times.map((_, i) => (i < 4 ? 0x40 : i < 8 ? 0x04 : 0));
    const held = throttled([{ device: 'GPU-a', times, values }], 1_000);
    expect(held.map(({ reason, spans }) => [reason.key, spans])).toEqual([
      ['hw_thermal', [{ fromMs: 0, toMs: 20_000 }]],
      ['power_cap', [{ fromMs: 20_000, toMs: 40_000 }]],
    ]);
    expect(throttleMarks(held, () => 'GPU 3')).toMatchObject([
      { at: 0, to: 20_000, label: 'GPU 3: too hot, slowed by the hardware', tone: 'bad' },
    ]);
  });
});

describe('gpuNames', () => {
  const gpu = (uuid: string, more: object) => ({
    uuid,
    kind: 'gpu',
    index: null,
    parent_uuid: null,
    mig: null,
    ...more,
  });

  it('name a GPU by its index, its MIG instances after it, and one without an index by its uuid', () => {
    const mig = { kind: 'mig', parent_uuid: 'a', mig: { profile: '1g.10gb' } };
    const gpus = [gpu('m1', mig), gpu('a', { index: 3 }), gpu('m2', mig), gpu('GPU-0123456789abcdef', {})];
    expect([...gpuNames(gpus as never)]).toEqual([
      ['a', 'GPU 3'],
      ['GPU-0123456789abcdef', 'GPU-01234567…'],
      ['m1', 'GPU 3 · 1g.10gb #1'],
      ['m2', 'GPU 3 · 1g.10gb #2'],
    ]);
  });
});
