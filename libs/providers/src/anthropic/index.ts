/** Usage and costs of an Anthropic organisation. */
export { normalizeAnthropicCosts } from './costs.js';
export { anthropicDatasets } from './datasets.js';
export type { AnthropicOptions } from './datasets.js';
export { normalizeAnthropicUsage } from './usage.js';
