import * as z from 'zod/mini';
import { limits, seconds, text, verbs } from '../control-settings.js';

/** The power of machines, through their BMCs. */
export const redfishControl = z.strictObject({
  kind: z.literal('redfish'),
  bmcs: z
    .array(
      z.strictObject({
        /** The provider id of the machine, or "self". */
        instance: text,
        url: z.string().check(z.regex(/^https:\/\/[^\s/?#@]+\/?$/)),
        user: text,
        password_file: text,
        /** `session`: one login; `basic`: the password with each request. */
        auth: z._default(z.enum(['session', 'basic']), 'session'),
        /** SHA-256 of its certificate; or the authority that signed it. */
        fingerprint_sha256: z.optional(z.string().check(z.regex(/^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/))),
        ca_file: z.optional(text),
        /** Path of the ComputerSystem; needed only where the BMC has several. */
        system: z.optional(z.string().check(z.regex(/^\/redfish\/v1\/Systems\/[^\s/]+\/?$/))),
      }),
    )
    .check(z.minLength(1)),
  /** Take the power away when the machine did not shut down by itself within so long; absent: never. */
  force_off_after_s: z.optional(seconds(3_600)),
  verbs,
  ...limits({ timeoutS: 120, verifyS: 600 }),
});

export type RedfishControl = z.infer<typeof redfishControl>;
