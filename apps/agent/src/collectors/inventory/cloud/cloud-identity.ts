/** The clouds whose metadata service the agent can ask. */
export const CLOUDS = ['aws', 'gcp', 'azure'] as const;
export type Cloud = (typeof CLOUDS)[number];

/** What a cloud says about the machine that asks it. What it does not say is left out. */
export interface CloudIdentity {
  readonly cloud: Cloud;
  /** As the cloud's own lists have it: `i-0abc…`, GCP's number, Azure's vmId. */
  readonly instanceId: string;
  readonly name?: string;
  readonly instanceType?: string;
  readonly region?: string;
  readonly zone?: string;
  /** Account, project or subscription. */
  readonly account?: string;
  readonly lifecycle?: 'on_demand' | 'spot' | 'reserved';
  readonly autoScalingGroup?: string;
  /** Whether a stop erases a disk of it; left out where the cloud does not let one tell for sure. */
  readonly localDisks?: 'none' | 'erased';
  /** The full name, as bills have it. */
  readonly resourceId?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** No answer, or none that is one; the message is a sentence with the mend. */
export class MetadataError extends Error {}

/** Asks one metadata service. @throws MetadataError */
export type AskCloud = (ask: Ask) => Promise<CloudIdentity>;

export interface Answer {
  readonly status: number;
  readonly text: string;
  header(name: string): string | undefined;
}

/** One request to the metadata service. @throws MetadataError when there is no answer in time */
export type Ask = (path: string, headers: Readonly<Record<string, string>>, method?: 'GET' | 'PUT') => Promise<Answer>;

/** The last part of `projects/1/zones/us-central1-a`. */
export const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Tags as the control plane takes them: at most 100, keys up to 128 and values up to 256 characters. */
export function boundedTags(
  tags: readonly (readonly [string, string])[],
): Readonly<Record<string, string>> | undefined {
  const whole = tags.filter(([key]) => key.length > 0 && key.length <= 128).slice(0, 100);
  return whole.length === 0 ? undefined : Object.fromEntries(whole.map(([key, value]) => [key, value.slice(0, 256)]));
}
