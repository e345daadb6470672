import { Module } from '@nestjs/common';
import { AlertDesk } from './alert-desk.js';
import { AlertTeller } from './alert-teller.js';

@Module({ providers: [AlertDesk, AlertTeller], exports: [AlertDesk] })
export class AlertsModule {}
