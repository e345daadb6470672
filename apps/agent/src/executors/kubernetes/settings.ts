import * as z from 'zod/mini';
import { instances, limits, text, verbs } from '../control-settings.js';

/** A name as Kubernetes takes it: it becomes part of an address. */
const name = z.string().check(z.regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/));

/** What a drain would destroy; each must be accepted in words before it is done. */
export const DRAIN_LOSSES = ['unmanaged-pods', 'empty-dirs'] as const;

/** Cordon and drain a node and uncordon it; or, with `workloads`, scale them to 0 and back. */
export const kubernetesControl = z.strictObject({
  kind: z.literal('kubernetes'),
  instances,
  /** Absent: the service account of the pod that the agent runs in. */
  kubeconfig: z.optional(text),
  /** Instead of the kubeconfig's current-context. */
  context: z.optional(text),
  /** Absent: NODE_NAME, otherwise the node whose name or provider id is that of the instance. */
  node: z.optional(name),
  workloads: z.optional(
    z
      .array(
        z.strictObject({
          kind: z.enum(['Deployment', 'StatefulSet']),
          /** Absent: that of the context. */
          namespace: z.optional(name),
          name,
          /** For a start when nobody remembers how many there were. */
          replicas: z.optional(z.int().check(z.gte(1), z.lte(10_000))),
        }),
      )
      .check(z.minLength(1)),
  ),
  /** A drain is refused that would destroy what is not listed here. */
  accept: z._default(z.array(z.enum(DRAIN_LOSSES)), []),
  verbs,
  ...limits({ timeoutS: 600, verifyS: 900 }),
});

export type KubernetesControl = z.infer<typeof kubernetesControl>;
