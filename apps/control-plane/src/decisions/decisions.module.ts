import { Module } from '@nestjs/common';
import { DecisionRounds } from './decision-rounds.js';

@Module({ providers: [DecisionRounds], exports: [DecisionRounds] })
export class DecisionsModule {}
