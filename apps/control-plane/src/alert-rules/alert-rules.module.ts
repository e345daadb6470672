import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/index.js';
import { DecisionsModule } from '../decisions/index.js';
import { AlertRulesEngine } from './alert-rules.engine.js';

@Module({ imports: [AlertsModule, DecisionsModule], providers: [AlertRulesEngine] })
export class AlertRulesModule {}
