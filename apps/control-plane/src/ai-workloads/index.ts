export { AiWorkloadsModule } from './ai-workloads.module.js';
