/** Costs of Azure, and usage of Azure OpenAI. */
export { normalizeAzureCosts } from './costs.js';
export { azureCostDatasets, azureOpenAiDatasets } from './datasets.js';
export type { AzureCostOptions, AzureOpenAiOptions } from './datasets.js';
export { normalizeAzureOpenAi } from './openai-usage.js';
export type { AzureDeployment, AzureUsageNames } from './openai-usage.js';
export type { AzurePrincipal } from './token.js';
