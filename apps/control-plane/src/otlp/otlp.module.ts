import { Module } from '@nestjs/common';
import { AiSpendModule } from '../ai-spend/index.js';
import { OtlpController } from './otlp.controller.js';
import { OtlpService } from './otlp.service.js';

@Module({ imports: [AiSpendModule], controllers: [OtlpController], providers: [OtlpService] })
export class OtlpModule {}
