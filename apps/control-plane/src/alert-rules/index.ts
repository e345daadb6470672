export { AlertRulesModule } from './alert-rules.module.js';
