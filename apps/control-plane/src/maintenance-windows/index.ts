export { MaintenanceWindows } from './maintenance-windows.js';
export type { OpenWindow } from './maintenance-windows.js';
export { MaintenanceWindowsModule } from './maintenance-windows.module.js';
export { MaintenanceWindowsService } from './maintenance-windows.service.js';
