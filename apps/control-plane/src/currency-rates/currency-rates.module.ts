import { Module } from '@nestjs/common';
import { CurrencyRatesController } from './currency-rates.controller.js';
import { CurrencyRatesQueries } from './currency-rates.queries.js';
import { CurrencyRatesService } from './currency-rates.service.js';

@Module({ controllers: [CurrencyRatesController], providers: [CurrencyRatesQueries, CurrencyRatesService] })
export class CurrencyRatesModule {}
