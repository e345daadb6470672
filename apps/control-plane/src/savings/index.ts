export { SavingsModule } from './savings.module.js';
export { SavingsService } from './savings.service.js';
