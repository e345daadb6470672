import { Module } from '@nestjs/common';
import { SavingsController } from './savings.controller.js';
import { SavingsJob } from './savings.job.js';
import { SavingsQueries } from './savings.queries.js';
import { SavingsService } from './savings.service.js';

@Module({
  controllers: [SavingsController],
  providers: [SavingsJob, SavingsQueries, SavingsService],
  exports: [SavingsService],
})
export class SavingsModule {}
