export { DeviceRegistry, InstanceRegistry, RefusedByRegistry } from './instances.registry.js';
export type { AgentInventory, InventoryDevice } from './instances.registry.js';
