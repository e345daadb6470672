/** Daily costs of an AWS organisation. */
export { costExplorerDatasets } from './datasets.js';
export type { CostExplorerOptions, CostGroup } from './datasets.js';
export { normalizeCostExplorer } from './normalize.js';
