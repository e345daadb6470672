import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import {
  CurrencyRate,
  CurrencyRateBody,
  CurrencyRateId,
  CurrencyRateQuery,
  Done,
  UpdateCurrencyRateBody,
} from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { CurrencyRatesQueries } from './currency-rates.queries.js';
import { CurrencyRatesService } from './currency-rates.service.js';

const DESCRIPTION =
  'Of a pair that has a rate from this day on, it is corrected. All totals of the days from then on change with it, until the day of the next rate.';

@Controller('currency-rates')
export class CurrencyRatesController {
  constructor(
    private readonly queries: CurrencyRatesQueries,
    private readonly rates: CurrencyRatesService,
  ) {}

  @Route({ summary: 'What currencies are worth, newest day first', access: 'viewer', response: list(CurrencyRate) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: CurrencyRateQuery }) query: CurrencyRateQuery) {
    return this.queries.list(actor, query);
  }

  @Route({
    summary: 'Give or correct a rate',
    description: DESCRIPTION,
    access: 'admin',
    status: 201,
    response: one(CurrencyRate),
  })
  @Post()
  create(@CurrentActor() actor: RequestActor, @Body({ schema: CurrencyRateBody }) body: CurrencyRateBody) {
    return this.rates.put(actor, body);
  }

  @Route({
    summary: 'Give or correct a rate, again as often as one likes',
    description: DESCRIPTION,
    access: 'admin',
    response: one(CurrencyRate),
  })
  @Put()
  put(@CurrentActor() actor: RequestActor, @Body({ schema: CurrencyRateBody }) body: CurrencyRateBody) {
    return this.rates.put(actor, body);
  }

  @Route({
    summary: 'Correct the rate, or the day from which on it holds',
    description:
      'All totals of the days that it holds for change with it. Another pair of currencies is another rate. `if_set_at` refuses a change of what somebody else changed meanwhile.',
    access: 'admin',
    response: one(CurrencyRate),
    errors: [404, 409],
  })
  @Patch(':id')
  update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: CurrencyRateId }) id: number,
    @Body({ schema: UpdateCurrencyRateBody }) body: UpdateCurrencyRateBody,
  ) {
    return this.rates.update(actor, id, body);
  }

  @Route({ summary: 'Take a rate back', access: 'admin', response: one(Done), errors: [404] })
  @Delete(':id')
  async remove(@CurrentActor() actor: RequestActor, @Param('id', { schema: CurrencyRateId }) id: number) {
    await this.rates.remove(actor, id);
    return { done: true } as const;
  }
}
