import { Module } from '@nestjs/common';
import { DecisionHistory } from './decision-history.js';

@Module({ providers: [DecisionHistory], exports: [DecisionHistory] })
export class DecisionHistoryModule {}
