import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { CreatePriceBody, Done, Id, Price, PriceQuery, UpdatePriceBody } from '@flotilla/contracts';
import { CurrentActor, list, one, Route } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { PricesQueries } from './prices.queries.js';
import { PricesService } from './prices.service.js';

@Controller('prices')
export class PricesController {
  constructor(
    private readonly queries: PricesQueries,
    private readonly service: PricesService,
  ) {}

  @Route({ summary: "The tenant's own prices of models and of instances", access: 'viewer', response: list(Price) })
  @Get()
  findAll(@CurrentActor() actor: RequestActor, @Query({ schema: PriceQuery }) query: PriceQuery) {
    return this.queries.list(actor, query);
  }

  @Route({ summary: 'One price', access: 'viewer', response: one(Price), errors: [404] })
  @Get(':id')
  findOne(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    return this.queries.get(actor, id);
  }

  @Route({
    summary: 'Set a price of a model or of an instance type',
    description:
      'It goes before the public lists while it is valid. Usage that was priced before keeps the price that it has; what had none gets it within a minute.',
    access: 'admin',
    status: 201,
    response: one(Price),
  })
  @Post()
  create(@CurrentActor() actor: RequestActor, @Body({ schema: CreatePriceBody }) body: CreatePriceBody) {
    return this.service.create(actor, body);
  }

  @Route({
    summary: 'Change amounts or validity of a price',
    description:
      'Fields that are left out stay as they are. Usage that was priced before keeps what it came to. `if_updated_at` refuses a change of what somebody else changed meanwhile.',
    access: 'admin',
    response: one(Price),
    errors: [404, 409],
  })
  @Patch(':id')
  update(
    @CurrentActor() actor: RequestActor,
    @Param('id', { schema: Id }) id: number,
    @Body({ schema: UpdatePriceBody }) body: UpdatePriceBody,
  ) {
    return this.service.update(actor, id, body);
  }

  @Route({
    summary: "Delete a price: the public list's holds again",
    access: 'admin',
    response: one(Done),
    errors: [404],
  })
  @Delete(':id')
  async remove(@CurrentActor() actor: RequestActor, @Param('id', { schema: Id }) id: number) {
    await this.service.remove(actor, id);
    return { done: true } as const;
  }
}
