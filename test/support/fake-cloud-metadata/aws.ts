import type { MetadataRules } from './index.js';

export interface AwsMachine {
  readonly instanceId?: string;
  readonly lifecycle?: string;
  /** null: instance tags are not allowed in the metadata. */
  readonly tags?: Readonly<Record<string, string>> | null;
  readonly inAutoScalingGroup?: boolean;
  /** The endpoint is switched off. */
  readonly disabled?: boolean;
}

const TOKEN = 'AQAEAHx0b2tlbg==';

/** IMDSv2 with tokens required: every GET needs the token that a PUT with a lifetime gave, and PUTs come from no proxy. */
export function awsMetadata(machine: AwsMachine = {}): MetadataRules {
  const {
    instanceId = 'i-0fedcba9876543210',
    lifecycle = 'on-demand',
    tags = {},
    inAutoScalingGroup,
    disabled,
  } = machine;
  const documents: Readonly<Record<string, string | undefined>> = {
    '/latest/dynamic/instance-identity/document': JSON.stringify({
      accountId: '123456789012',
      architecture: 'x86_64',
      availabilityZone: 'us-east-1b',
      imageId: 'ami-0123456789abcdef0',
      instanceId,
      instanceType: 'p5.48xlarge',
      pendingTime: '2026-11-20T08:00:00Z',
      region: 'us-east-1',
      version: '2017-09-30',
    }),
    '/latest/meta-data/instance-life-cycle': lifecycle,
    '/latest/meta-data/autoscaling/target-lifecycle-state': inAutoScalingGroup ? 'InService' : undefined,
    '/latest/meta-data/tags/instance': tags === null ? undefined : Object.keys(tags).join('\n'),
  };
  return (request, response) => {
    const path = request.url ?? '';
    if (disabled) return void response.writeHead(403).end();
    if (path === '/latest/api/token') {
      const seconds = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds']);
      if (request.method !== 'PUT') return 'the token is made by PUT';
      if (request.headers['x-forwarded-for'] !== undefined) return 'a forwarded request gets no token';
      if (!(seconds >= 1 && seconds <= 21_600)) return 'x-aws-ec2-metadata-token-ttl-seconds must be 1 to 21600';
      return void response.writeHead(200, { 'x-aws-ec2-metadata-token-ttl-seconds': seconds }).end(TOKEN);
    }
    if (request.headers['x-aws-ec2-metadata-token'] !== TOKEN) {
      response.writeHead(401).end();
      return 'a request without the token (IMDSv1)';
    }
    const tag = /^\/latest\/meta-data\/tags\/instance\/(.+)$/.exec(path)?.[1];
    const text = tag === undefined ? documents[path] : tags?.[decodeURIComponent(tag)];
    return void response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(text ?? '');
  };
}
