import { boundedTags, MetadataError } from './cloud-identity.js';
import type { Answer, Ask, AskCloud } from './cloud-identity.js';

const META = '/latest/meta-data';

/**
 * AWS, by IMDSv2 only: a token first, then everything with it. Version 1 is never tried, because a host that still
 * allows it should not have to.
 */
export const askAws: AskCloud = async (ask) => {
  const headers = { 'x-aws-ec2-metadata-token': await tokenOf(ask) };
  const get = (path: string) => ask(path, headers);
  const [identity, lifecycle, scaling, keys] = await Promise.all([
    get('/latest/dynamic/instance-identity/document'),
    get(`${META}/instance-life-cycle`),
    get(`${META}/autoscaling/target-lifecycle-state`),
    get(`${META}/tags/instance`),
  ]);
  const { instanceId, instanceType, region, availabilityZone, accountId } = documentOf(identity);
  // a folder of its own: one request a tag; where metadata tags are not allowed the folder is not there
  const names = keys.status === 200 ? keys.text.split('\n').filter(Boolean).slice(0, 100) : [];
  const tags = await Promise.all(
    names.map(async (key): Promise<[string, string][]> => {
      const value = await get(`${META}/tags/instance/${encodeURIComponent(key)}`);
      return value.status === 200 ? [[key, value.text]] : [];
    }),
  );
  const all = tags.flat();
  const tagged = (key: string) => all.find(([name]) => name === key)?.[1];
  const bounded = boundedTags(all.filter(([key]) => !key.startsWith('aws:')));
  const name = tagged('Name');
  // the name of the group stands in a tag only; that there is one also in its lifecycle state
  const group = tagged('aws:autoscaling:groupName') ?? (scaling.status === 200 ? 'auto-scaling' : undefined);
  const paid = lifecycleOf(lifecycle);
  const type = typeof instanceType === 'string' ? { instanceType } : {};
  const where =
    typeof region === 'string' && typeof accountId === 'string'
      ? {
          region,
          account: accountId,
          resourceId: `${partition(region)}:ec2:${region}:${accountId}:instance/${instanceId}`,
        }
      : {};
  return {
    cloud: 'aws',
    instanceId,
    ...type,
    ...where,
    ...(typeof availabilityZone === 'string' ? { zone: availabilityZone } : {}),
    ...(paid ? { lifecycle: paid } : {}),
    ...(group ? { autoScalingGroup: group } : {}),
    ...(name ? { name } : {}),
    ...(bounded ? { tags: bounded } : {}),
  };
};

async function tokenOf(ask: Ask): Promise<string> {
  let answer: Answer;
  try {
    answer = await ask('/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '300' }, 'PUT');
  } catch (error) {
    if (!(error instanceof MetadataError)) throw error;
    throw new MetadataError(
      `${error.message} In a container the answer needs a hop more: aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2.`,
    );
  }
  if (answer.status === 403) {
    throw new MetadataError(
      'AWS refuses its metadata on this instance (403): enable it with aws ec2 modify-instance-metadata-options --http-endpoint enabled.',
    );
  }
  if (answer.status !== 200 || !/^[\x21-\x7e]{1,1024}$/.test(answer.text)) {
    throw new MetadataError(`The metadata service gave no IMDSv2 token (status ${answer.status}).`);
  }
  return answer.text;
}

function documentOf({ status, text }: Answer) {
  try {
    const document = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const { instanceId } = document;
    if (status === 200 && typeof instanceId === 'string' && /^i-[0-9a-f]{8,40}$/.test(instanceId)) {
      return { ...document, instanceId } as Readonly<Record<string, unknown>> & { readonly instanceId: string };
    }
  } catch {
    // said below
  }
  throw new MetadataError(`The identity document of this instance cannot be read (status ${status}).`);
}

function lifecycleOf({ status, text }: Answer): 'on_demand' | 'spot' | 'reserved' | undefined {
  if (status !== 200) return undefined;
  if (text === 'spot') return 'spot';
  if (text === 'capacity-block' || text === 'scheduled') return 'reserved';
  return text === 'on-demand' ? 'on_demand' : undefined;
}

const partition = (region: string): string =>
  region.startsWith('cn-') ? 'arn:aws-cn' : region.startsWith('us-gov-') ? 'arn:aws-us-gov' : 'arn:aws';
