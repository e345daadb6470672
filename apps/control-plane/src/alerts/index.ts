export { AlertDesk } from './alert-desk.js';
export type { Raised } from './alert-desk.js';
export { ALERTS_EXPORT } from './alerts.export.js';
export { AlertsModule } from './alerts.module.js';
export { identityOf } from './raised-alert.js';
export type { AlertKey, AlertSubject, RaisedAlert } from './raised-alert.js';
