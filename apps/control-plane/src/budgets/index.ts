export { BUDGET_ALERTS_CHANNEL } from './budgets.alerts.js';
export { BudgetsModule } from './budgets.module.js';
