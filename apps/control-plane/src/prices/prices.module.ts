import { Module } from '@nestjs/common';
import { PriceBooks } from './price-books.js';
import { PricesController } from './prices.controller.js';
import { PricesQueries } from './prices.queries.js';
import { PricesService } from './prices.service.js';

@Module({
  controllers: [PricesController],
  providers: [PriceBooks, PricesQueries, PricesService],
  exports: [PriceBooks],
})
export class PricesModule {}
