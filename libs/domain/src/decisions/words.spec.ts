import { DECISION_METRICS } from './metrics.js';
import { leafWords, metricWords, minutesWords } from './words.js';

describe('words of conditions', () => {
  it('tells whose value, with its unit, and how long', () => {
    expect(leafWords({ metric: 'gpu_utilization', operator: 'lt', threshold: 5, durationMinutes: 120 })).toBe(
      'GPU utilisation of every GPU is below 5 % for 2 hours',
    );
    expect(leafWords({ metric: 'temperature', operator: 'gt', threshold: 82, durationMinutes: 5 })).toBe(
      'temperature of any GPU is above 82 °C for 5 minutes',
    );
    expect(leafWords({ metric: 'temperature', operator: 'gt', threshold: 82, acrossGpus: 'all' })).toBe(
      'temperature of every GPU is above 82 °C',
    );
    expect(leafWords({ metric: 'hourly_cost', operator: 'gte', threshold: 20.5 }, 'EUR')).toBe(
      'price of an hour is at least 20.5 EUR',
    );
    expect(leafWords({ metric: 'idle_minutes', operator: 'gte', threshold: 90 })).toBe(
      'time idle is at least 90 minutes',
    );
  });

  it('tells of hours and days only where they are whole', () => {
    expect([1, 59, 60, 90, 120, 1_440, 1_500, 2_880].map(minutesWords)).toEqual([
      '1 minute',
      '59 minutes',
      '1 hour',
      '90 minutes',
      '2 hours',
      '1 day',
      '25 hours',
      '2 days',
    ]);
  });

  it('has words for every metric, without the marks of programs', () => {
    for (const { name } of DECISION_METRICS) expect(metricWords(name)).toMatch(/^[A-Za-z][A-Za-z0-9 ]*[A-Za-z0-9]$/);
  });
});
