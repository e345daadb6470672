export { AlertRulesModule } from './alert-rules.module.js';
export { AlertRulesService } from './alert-rules.service.js';
