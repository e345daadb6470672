/** Usage of AWS Bedrock from its model invocation log. */
export { bedrockDatasets, normalizeInsights } from './datasets.js';
export type { BedrockOptions } from './datasets.js';
export { bedrockModel } from './model.js';
export type { BedrockModel, ProfileModels } from './model.js';
export { normalizeBedrockLog } from './normalize.js';
export type { BedrockNames } from './normalize.js';
