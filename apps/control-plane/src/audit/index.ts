export { AUDIT_EXPORT } from './audit.export.js';
export { AuditModule } from './audit.module.js';
