/** Kubernetes objects of the fake: as the API writes them, as far as anybody reads them. */
export interface KubeObject {
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller: boolean }[];
    deletionTimestamp?: string;
  };
  spec: Record<string, unknown>;
  status?: Record<string, unknown>;
}

export interface PodOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly node: string;
  /** Kind of its controller; absent: ReplicaSet; null: none. */
  readonly owner?: string | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly mirror?: boolean;
  readonly phase?: string;
  readonly volumes?: readonly object[];
  /** How long it takes to end. */
  readonly graceMs?: number;
}

export interface BudgetOptions {
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Evictions that it allows now. */
  allowed: number;
}

/** RFC 7386: null removes, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

export const statusOf = (code: number, reason: string, message: string, details: object = {}): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  details,
  code,
});
