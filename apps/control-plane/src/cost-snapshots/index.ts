export { CostSnapshotsModule } from './cost-snapshots.module.js';
export { CostSnapshots } from './cost-snapshots.service.js';
