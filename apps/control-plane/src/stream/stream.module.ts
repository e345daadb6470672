import { Module } from '@nestjs/common';
import { StreamController } from './stream.controller.js';
import { StreamHub } from './stream.hub.js';
import { StreamQueries } from './stream.queries.js';

@Module({ controllers: [StreamController], providers: [StreamHub, StreamQueries] })
export class StreamModule {}
