export { BuiltInAlertsModule } from './built-in-alerts.module.js';
