export { FirstOwnerService } from './first-owner.service.js';
export type { FirstOwner } from './first-owner.service.js';
export { TenantsModule } from './tenants.module.js';
