import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { FirstOwnerService } from './first-owner.service.js';
import { TenantOidcStore } from './tenant-oidc.store.js';
import { OwnTenantController, TenantsController } from './tenants.controller.js';
import { TenantsQueries } from './tenants.queries.js';
import { TenantsService } from './tenants.service.js';

@Module({
  imports: [AuthModule],
  controllers: [TenantsController, OwnTenantController],
  providers: [FirstOwnerService, TenantOidcStore, TenantsQueries, TenantsService],
  exports: [FirstOwnerService],
})
export class TenantsModule {}
