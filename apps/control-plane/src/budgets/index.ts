export { BUDGET_ALERTS_CHANNEL } from './budgets.alerts.js';
export { spendOf } from './budgets.spend.js';
export { BudgetsModule } from './budgets.module.js';
