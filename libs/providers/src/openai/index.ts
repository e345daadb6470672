/** Usage and costs of an OpenAI organisation. */
export { normalizeOpenAiCosts } from './costs.js';
export { openAiDatasets } from './datasets.js';
export type { OpenAiOptions } from './datasets.js';
export { normalizeOpenAiUsage, OPENAI_USAGES } from './usage.js';
export type { OpenAiUsage } from './usage.js';
