export { PolicySimulationModule } from './policy-simulation.module.js';
export { PolicySimulationService } from './policy-simulation.service.js';
