import { Module } from '@nestjs/common';
import { CostLedger } from './cost-ledger.js';

@Module({ providers: [CostLedger], exports: [CostLedger] })
export class CostsModule {}
