import * as z from 'zod/mini';
import { limits, text, verbs } from '../control-settings.js';

/** What is lost, or lost again, when an instance stops; each must be accepted in words before it is done. */
export const EC2_LOSSES = ['local-disks', 'auto-scaling', 'spot', 'reserved-capacity'] as const;

/** Start and stop EC2 instances of one account and region. */
export const awsEc2Control = z.strictObject({
  kind: z.literal('aws-ec2'),
  region: z.string().check(z.regex(/^[a-z]{2}(-[a-z]+)+-\d$/)),
  /** Instances of any other account are refused. */
  account: z.optional(z.string().check(z.regex(/^\d{12}$/))),
  /** Only these; absent: every instance of the account and region that the credentials reach. */
  instances: z.optional(z.array(z.string().check(z.regex(/^i-[0-9a-f]{8,17}$/))).check(z.minLength(1))),
  /** A profile of the shared AWS files; absent: the usual chain (environment, files, web identity, role). */
  profile: z.optional(text),
  /** Instead of ~/.aws/credentials. */
  credentials_file: z.optional(text),
  /** A VPC endpoint, instead of the public address of the region. */
  endpoint: z.optional(z.string().check(z.regex(/^https?:\/\/[^\s/?#]+\/?$/))),
  /** Stops are refused that would cost what is not listed here. */
  accept: z._default(z.array(z.enum(EC2_LOSSES)), []),
  verbs,
  ...limits({ timeoutS: 180, verifyS: 900 }),
});

export type AwsEc2Control = z.infer<typeof awsEc2Control>;
