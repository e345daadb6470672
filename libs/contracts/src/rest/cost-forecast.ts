import { z } from 'zod';
import { Currency, Money } from './common.js';
import { costFilters } from './cost-filters.js';
import { costTypeQuery } from './costs.js';

const { days: _days, start_date: _start, end_date: _end, from: _from, to: _to, ...filters } = costFilters;

export const CostForecastQuery = z.strictObject({ ...filters, ...costTypeQuery });
export type CostForecastQuery = z.infer<typeof CostForecastQuery>;

const Day = z.iso.date().meta({ description: 'UTC day', examples: ['2026-11-30'] });
const Interval = z
  .object({ low: Money, high: Money })
  .nullable()
  .meta({ examples: [{ low: 900, high: 1100 }] });

export const CostForecast = z
  .object({
    first_day: Day.describe("First cost day of the month in the tenant's time zone"),
    last_day: Day.describe('Last one, included'),
    today: Day,
    spent: Money.describe('Since the month began, as charges tell it now'),
    method: z.enum(['none', 'run_rate', 'weekday_profile', 'actual']).meta({
      description:
        'none: fewer than 7 days of history. run_rate: the mean of the days, without an interval. weekday_profile: level and weekdays of up to eight weeks',
      examples: ['weekday_profile'],
    }),
    history_days: z.int().meta({ description: 'Days that it learned from', examples: [56] }),
    late_data: z
      .number()
      .meta({ description: 'What late data is expected to add to days that are over', examples: [0] }),
    projected: Money.nullable().describe('What the month comes to; null: too little is known'),
    interval_80: Interval.describe('What it comes to with 80 % probability'),
    interval_95: Interval.describe('What it comes to with 95 % probability'),
    days: z
      .array(
        z.object({
          date: Day,
          spent: Money.nullable().describe('Since the month began until the end of the day; null: it is to come'),
          projected: Money.nullable().describe('The same, as it is expected; null: it is over'),
          interval_80: Interval,
          interval_95: Interval,
        }),
      )
      .describe('Every day of the month; today is both spent and projected'),
    unconverted_records: z
      .int()
      .meta({ description: 'Charges in none of this, because nobody gave a rate for their currency', examples: [0] }),
    currency: Currency,
    simulated: z.boolean().meta({ description: 'Some of the charges are made up', examples: [false] }),
  })
  .meta({ id: 'CostForecast' });
