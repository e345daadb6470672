import * as z from 'zod/mini';

const text = z.string().check(z.minLength(1));
const name = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected letters, digits, dots, dashes'));
const url = z.string().check(z.regex(/^https?:\/\/\S+$/, 'expected an http or https address'));
const variable = z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable'));
const everyS = (least: number) => z.optional(z.number().check(z.gte(least), z.lte(604_800)));

const common = {
  /**
   * Names the account in the identity of each record: the same on every host that reads the same account (then nothing
   * is counted twice), another one for another account.
   */
  account: z._default(name, 'default'),
  /** Days that the first reading goes back. */
  backfill_days: z._default(z.number().check(z.gte(0), z.lte(365)), 30),
  /** Instead of the provider's own address. */
  base_url: z.optional(url),
};
const apiKey = { api_key_file: z.optional(text), api_key_env: z.optional(variable) };
const bucketWidth = z._default(z.enum(['1m', '1h', '1d']), '1h');
const aws = { profile: z.optional(text), credentials_file: z.optional(text) };
const twoGroups = z.optional(z.array(text).check(z.minLength(1), z.maxLength(2)));
const azure = {
  tenant_id: text,
  client_id: text,
  client_secret_file: z.optional(text),
  client_secret_env: z.optional(variable),
  login_url: z.optional(url),
};

/** One element of `spend` of the configuration file: a line for each kind. Keys stand in files or in the environment. */
export const spendSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('openai'),
    ...common,
    ...apiKey,
    every_s: everyS(60),
    bucket_width: bucketWidth,
    /** Left out: every kind of usage that there is. */
    usages: z.optional(
      z.array(
        z.enum([
          'completions',
          'embeddings',
          'moderations',
          'images',
          'audio_speeches',
          'audio_transcriptions',
          'vector_stores',
          'code_interpreter_sessions',
          'file_search_calls',
          'web_search_calls',
        ]),
      ),
    ),
    /** What is billed, by day. */
    costs: z._default(z.boolean(), true),
  }),
  z.strictObject({
    kind: z.literal('anthropic'),
    ...common,
    ...apiKey,
    every_s: everyS(60),
    bucket_width: bucketWidth,
    usage: z._default(z.boolean(), true),
    costs: z._default(z.boolean(), true),
  }),
  z.strictObject({
    kind: z.literal('aws-cost-explorer'),
    ...common,
    ...aws,
    /** AWS takes USD 0.01 a page and has new figures three times a day. */
    every_s: everyS(21_600),
    /** SERVICE, REGION, LINKED_ACCOUNT, INSTANCE_TYPE, USAGE_TYPE, RECORD_TYPE, TAG:key, COST_CATEGORY:name; at most two. */
    group_by: twoGroups,
    max_pages: z._default(z.number().check(z.gte(1), z.lte(1_000)), 40),
  }),
  z.strictObject({
    kind: z.literal('bedrock'),
    ...common,
    ...aws,
    every_s: everyS(300),
    region: text,
    /** CloudWatch log group of the model invocation log. */
    log_group: text,
    /** Keys of requestMetadata that become tags. */
    tags: z._default(
      z
        .array(z.string().check(z.regex(/^[A-Za-z0-9_]{1,64}$/, 'expected letters, digits and underscores')))
        .check(z.maxLength(5)),
      [],
    ),
    /** Which model an inference profile of one's own leads to: its id or ARN → model id. */
    profiles: z._default(z.record(text, text), {}),
  }),
  z.strictObject({
    kind: z.literal('azure-cost'),
    ...common,
    ...azure,
    every_s: everyS(3_600),
    /** subscriptions/<id>, with a resource group if need be, or a billing account. */
    scope: text,
    /** ServiceName, ResourceLocation, ResourceId, Meter, ..., TAG:key; at most two. */
    group_by: twoGroups,
  }),
  z.strictObject({
    kind: z.literal('azure-openai'),
    ...common,
    ...azure,
    every_s: everyS(60),
    resource_id: text,
    /** Which model runs behind a deployment: its name → model, or { model, provisioned: true } when billed by the hour. */
    deployments: z.record(
      text,
      z.union([text, z.strictObject({ model: text, provisioned: z._default(z.boolean(), false) })]),
    ),
  }),
]);

export type SpendSettings = z.infer<typeof spendSchema>;
export type SpendKind = SpendSettings['kind'];

/** How a source is called in states, in the log and in its files. */
export const sourceName = ({ kind, account }: SpendSettings): string =>
  account === 'default' ? `spend/${kind}` : `spend/${kind}/${account}`;

/**
 * What a schema cannot say: where each key stands, once, and that no two entries read the same account.
 *
 * @param isSet whether the environment has a variable
 * @returns a sentence for each fault, with the path of its entry
 */
export function spendFaults(
  spend: readonly SpendSettings[],
  isSet: (variable: string) => boolean,
): { readonly path: (string | number)[]; readonly sentence: string }[] {
  const faults: { path: (string | number)[]; sentence: string }[] = [];
  const seen = new Map<string, number>();
  for (const [at, entry] of spend.entries()) {
    const path = ['spend', at];
    const first = seen.get(sourceName(entry));
    if (first === undefined) seen.set(sourceName(entry), at);
    else {
      const sentence = `is the same account as spend[${first}]: what both read would be told twice; name one by "account"`;
      faults.push({ path, sentence });
    }
    const secret = secretOf(entry);
    if (!secret) continue;
    const { field, file, env } = secret;
    if ((file === undefined) === (env === undefined)) {
      faults.push({ path, sentence: `needs ${field}_file or ${field}_env, one of them` });
    } else if (env !== undefined && !isSet(env)) {
      faults.push({ path: [...path, `${field}_env`], sentence: `the environment has no variable ${env}` });
    }
  }
  return faults;
}

/** Where the key of an entry stands; null for AWS, which has a chain of its own. */
export function secretOf(
  entry: SpendSettings,
): { readonly field: string; readonly file: string | undefined; readonly env: string | undefined } | null {
  switch (entry.kind) {
    case 'openai':
    case 'anthropic':
      return { field: 'api_key', file: entry.api_key_file, env: entry.api_key_env };
    case 'azure-cost':
    case 'azure-openai':
      return { field: 'client_secret', file: entry.client_secret_file, env: entry.client_secret_env };
    case 'aws-cost-explorer':
    case 'bedrock':
      return null;
  }
}
