/**
 * Our name of an AI provider, from whatever a source calls it (`gen_ai.provider.name`, the older `gen_ai.system`, a price
 * list, an agent). What is not known stays as it is, in lower case.
 */
export function aiProvider(name: string): string {
  const word = name.trim().toLowerCase();
  return NAMES.get(word) ?? word.replaceAll(/[^a-z0-9_]+/g, '_').replaceAll(/^_+|_+$/g, '');
}

/** Software that serves models on one's own machines: what its tokens cost is what the machine costs. */
const OWN_SERVERS = [
  'self_hosted',
  'self-hosted',
  'vllm',
  'sglang',
  'tgi',
  'text-generation-inference',
  'triton',
  'tensorrt_llm',
  'tensorrt-llm',
  'ollama',
  'llama_cpp',
  'llama.cpp',
  'lmdeploy',
  'nvidia_nim',
  'nim',
];

/** Spellings of the OpenTelemetry GenAI conventions (of today and before) and of common libraries. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['openai', 'openai'],
  ['anthropic', 'anthropic'],
  ['aws.bedrock', 'aws_bedrock'],
  ['aws-bedrock', 'aws_bedrock'],
  ['bedrock', 'aws_bedrock'],
  ['amazon_bedrock', 'aws_bedrock'],
  ['azure.ai.openai', 'azure_openai'],
  ['az.ai.openai', 'azure_openai'],
  ['azure', 'azure_openai'],
  ['azure.ai.inference', 'azure_ai'],
  ['az.ai.inference', 'azure_ai'],
  ['gcp.vertex_ai', 'google_vertex'],
  ['vertex_ai', 'google_vertex'],
  ['gcp.gemini', 'google'],
  ['gcp.gen_ai', 'google'],
  ['gemini', 'google'],
  ['google_ai_studio', 'google'],
  ['x_ai', 'xai'],
  ['x-ai', 'xai'],
  ['mistral_ai', 'mistral'],
  ['moonshot_ai', 'moonshotai'],
  ...OWN_SERVERS.map((name) => [name, 'self_hosted'] as const),
]);

export const SELF_HOSTED = 'self_hosted';
