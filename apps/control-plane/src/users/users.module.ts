import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { UsersController } from './users.controller.js';
import { UsersQueries } from './users.queries.js';
import { UsersService } from './users.service.js';

@Module({ imports: [AuthModule], controllers: [UsersController], providers: [UsersQueries, UsersService] })
export class UsersModule {}
