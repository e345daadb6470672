import { CHANNEL_CONFIGS, CONFIG_ALIASES } from '@flotilla/contracts';
import type { ChannelConfigs, ChannelType } from '@flotilla/contracts';
import { AppError, describeIssues, validationError } from '../platform/index.js';

type Values = Readonly<Record<string, unknown>>;

/** A channel's settings taken apart: what may be shown, and what is sealed. */
export interface ChannelConfig {
  /** Whole but for its secrets, which are masked. */
  readonly shown: Values;
  readonly secrets: Readonly<Record<string, string>>;
}

const MASK = '********';

/** Fields that give whoever knows them a way in: an address of a webhook is as good as a password. */
const SECRETS: Readonly<Record<ChannelType, Readonly<Record<string, 'key' | 'address'>>>> = {
  slack: { webhook_url: 'address' },
  pagerduty: { routing_key: 'key' },
  email: {},
  webhook: { url: 'address', secret: 'key' },
  teams: { webhook_url: 'address' },
  discord: { webhook_url: 'address' },
  opsgenie: { api_key: 'key' },
};

/** Which fields of a type are addresses that are called. */
export const ADDRESSES: Readonly<Record<ChannelType, readonly string[]>> = {
  slack: ['webhook_url'],
  pagerduty: ['api_url'],
  email: [],
  webhook: ['url'],
  teams: ['webhook_url'],
  discord: ['webhook_url'],
  opsgenie: ['api_url'],
};

/**
 * Checks what somebody sent as a channel's settings.
 *
 * @param kept of the channel so far: what is left out stays, and so does a secret that comes back masked
 * @returns the whole settings, secrets included
 * @throws AppError VALIDATION_ERROR that names the field, and never repeats a secret
 */
export function readConfig<Type extends ChannelType>(
  type: Type,
  given: Values,
  kept: Values = {},
): ChannelConfigs[Type] {
  const aliases: Readonly<Record<string, string>> = CONFIG_ALIASES[type] ?? {};
  const whole: Record<string, unknown> = { ...kept };
  for (const [name, value] of Object.entries(given)) {
    const field = Object.hasOwn(aliases, name) ? aliases[name]! : name;
    if (typeof value === 'string' && value.includes(MASK) && field in SECRETS[type]) {
      if (typeof kept[field] === 'string' && value === masked(type, field, kept[field])) continue;
      throw new AppError(
        'VALIDATION_ERROR',
        `config.${field}: this is masked. Send the whole value, or leave it out to keep it.`,
        {
          field: `config.${field}`,
          expected: 'the value itself',
        },
      );
    }
    whole[field] = value;
  }
  const parsed = CHANNEL_CONFIGS[type].safeParse(whole);
  if (parsed.success) return parsed.data as ChannelConfigs[Type];
  const issues = describeIssues(parsed.error.issues, whole, ['config']).map((issue) => ({
    ...issue,
    value: issue.field.split('.')[1]! in SECRETS[type] ? undefined : issue.value,
  }));
  throw validationError('body', issues);
}

export function partsOf(type: ChannelType, config: Values): ChannelConfig {
  const secrets: Record<string, string> = {};
  const shown: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(config)) {
    const isSecret = field in SECRETS[type] && typeof value === 'string';
    shown[field] = isSecret ? masked(type, field, value) : value;
    if (isSecret) secrets[field] = value;
  }
  return { shown, secrets };
}

/** Where it leads is shown, what opens it is not. */
const masked = (type: ChannelType, field: string, value: string) =>
  SECRETS[type][field] === 'address' ? `${new URL(value).origin}/${MASK}` : MASK;
