/** Where the model of an inference profile of one's own stands, which its ARN does not say: id or ARN → model id. */
export type ProfileModels = Readonly<Record<string, string>>;

export interface BedrockModel {
  /** `anthropic.claude-sonnet-4-20250514-v1:0`; of a profile that nobody knows, its ARN. */
  readonly model: string;
  /** What was asked for where that was no model: an inference profile, a provisioned or imported model. */
  readonly deployment: string | null;
}

/** The geographies of AWS's own cross-region profiles: `us.anthropic.claude-…`. */
const GEOGRAPHY = /^(us|us-gov|eu|apac|jp|au|ca|global)\.(?=[a-z0-9]+\.)/;

/**
 * Which model answered. `modelId` of an invocation log is a model, a cross-region profile of AWS, or an ARN of either, of
 * an inference profile of one's own, of a provisioned or of an imported model.
 */
export function bedrockModel(modelId: string, profiles: ProfileModels = {}): BedrockModel {
  const [, kind, id] = /^arn:[a-z-]+:bedrock:[a-z0-9-]*:\d*:([a-z-]+)\/(.+)$/.exec(modelId) ?? [];
  const name = id ?? modelId;
  const known = profiles[modelId] ?? profiles[name];
  if (known !== undefined) return { model: known, deployment: modelId };
  const isModel = kind === undefined || kind === 'foundation-model' || kind === 'inference-profile';
  if (!isModel) return { model: modelId, deployment: modelId };
  const model = name.replace(GEOGRAPHY, '');
  return { model, deployment: model === modelId ? null : modelId };
}
