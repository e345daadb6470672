import { backoffMs, callHttp, HttpFailure, realPatience, retryAfterMs } from '../http/index.js';
import type { HttpAnswer, HttpCall, Patience } from '../http/index.js';
import type { ClusterAccess } from './access.js';
import { isBudget, isGone, KubernetesError, readStatus } from './api-error.js';
import type { List, Node, Pod, Scalable, ScalableKind } from './objects.js';

export interface KubernetesOptions {
  readonly access: ClusterAccess;
  readonly nowMs: () => number;
  readonly patience?: Patience;
  /** For one request; default 15 s. */
  readonly timeoutMs?: number;
}

interface Call {
  readonly method: HttpCall['method'];
  /** Path and query below the server's address. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /**
   * Whether another try is harmless when nobody knows what became of the first: reads, and changes that name a state.
   */
  readonly repeatable: boolean;
  /** The caller waits for a disruption budget itself. */
  readonly showBudget?: boolean;
  readonly signal?: AbortSignal | undefined;
}

const BACKOFF = { firstMs: 500, maxMs: 10_000, tries: 6 };
const PAGE = 500;
const MERGE = 'application/merge-patch+json';

/** The part of the Kubernetes API that drains nodes and scales workloads. */
export class KubernetesClient {
  private readonly patience: Patience;

  constructor(private readonly options: KubernetesOptions) {
    this.patience = options.patience ?? realPatience;
  }

  get namespace(): string {
    return this.options.access.namespace;
  }

  /** null: there is none of that name. @throws KubernetesError, HttpFailure */
  async node(name: string, signal?: AbortSignal): Promise<Node | null> {
    return this.find<Node>(`/api/v1/nodes/${encodeURIComponent(name)}`, signal);
  }

  nodes(signal?: AbortSignal): Promise<Node[]> {
    return this.list<Node>('/api/v1/nodes', {}, signal);
  }

  /** Whether new pods may come. Says a state: a second time changes nothing. */
  cordon(name: string, unschedulable: boolean, signal?: AbortSignal): Promise<Node> {
    return this.call<Node>({
      method: 'PATCH',
      path: `/api/v1/nodes/${encodeURIComponent(name)}`,
      body: { spec: { unschedulable: unschedulable || null } },
      contentType: MERGE,
      repeatable: true,
      signal,
    });
  }

  podsOn(node: string, signal?: AbortSignal): Promise<Pod[]> {
    return this.list<Pod>('/api/v1/pods', { fieldSelector: `spec.nodeName=${node}` }, signal);
  }

  /**
   * Asks for the end of a pod, as its disruption budgets allow: of this very pod (its uid), so that a second time can
   * not meet its successor.
   *
   * @throws KubernetesError with status 429 while a budget does not allow it; 404 and 409 mean that it is gone
   */
  async evict(pod: Pod, signal?: AbortSignal): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    await this.call({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/pods/${name}/eviction`,
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: { preconditions: { uid } },
      },
      repeatable: true,
      showBudget: true,
      signal,
    });
  }

  scalable(kind: ScalableKind, namespace: string, name: string, signal?: AbortSignal): Promise<Scalable | null> {
    return this.find<Scalable>(pathOf(kind, namespace, name), signal);
  }

  /**
   * Sets the number of replicas and annotations (null removes one) in one step, and only on the version that was read.
   *
   * @throws KubernetesError with status 409 when somebody else changed it meanwhile
   */
  scale(
    kind: ScalableKind,
    read: Scalable,
    replicas: number,
    annotations: Readonly<Record<string, string | null>>,
    signal?: AbortSignal,
  ): Promise<Scalable> {
    const { name, namespace = this.namespace, resourceVersion } = read.metadata;
    return this.call<Scalable>({
      method: 'PATCH',
      path: pathOf(kind, namespace, name),
      body: { metadata: { resourceVersion, annotations }, spec: { replicas } },
      contentType: MERGE,
      // a second one meets a newer version, and is refused
      repeatable: true,
      signal,
    });
  }

  /** Whether we may (`kubectl auth can-i`). Everybody may ask. */
  async mayI(
    what: { verb: string; group?: string; resource: string; subresource?: string; namespace?: string; name?: string },
    signal?: AbortSignal,
  ): Promise<boolean> {
    const review = await this.call<{ status?: { allowed?: boolean } }>({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: what },
      },
      repeatable: true,
      signal,
    });
    return review.status?.allowed === true;
  }

  private async find<T>(path: string, signal?: AbortSignal): Promise<T | null> {
    try {
      return await this.call<T>({ method: 'GET', path, repeatable: true, signal });
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  private async list<T>(path: string, query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<T[]> {
    for (let from = 0; ; from++) {
      const items: T[] = [];
      let next = '';
      try {
        do {
          const search = new URLSearchParams({ ...query, limit: String(PAGE), ...(next ? { continue: next } : {}) });
          const page = await this.call<List<T>>({ method: 'GET', path: `${path}?${search}`, repeatable: true, signal });
          items.push(...(page.items ?? []));
          next = page.metadata?.continue ?? '';
        } while (next !== '');
        return items;
      } catch (error) {
        // the version that the pages are of is forgotten: begin anew, once
        if (from > 0 || !(error instanceof KubernetesError) || error.status !== 410) throw error;
      }
    }
  }

  private async call<T>(call: Call): Promise<T> {
    for (let n = 1; ; n++) {
      const verdict = await this.send<T>(call);
      if ('body' in verdict) return verdict.body;
      const { error } = verdict;
      const throttled = error instanceof KubernetesError && error.status === 429;
      const harmless =
        error instanceof HttpFailure
          ? !error.isUntrusted && (call.repeatable || !error.mayHaveArrived)
          : throttled || (error.status >= 500 && call.repeatable && error.causes.length === 0);
      if (!harmless || (call.showBudget && isBudget(error)) || n >= BACKOFF.tries || call.signal?.aborted) throw error;
      const asked = error instanceof KubernetesError ? error.retryAfterMs : 0;
      await this.patience.pause(backoffMs(BACKOFF, n, this.patience.random(), asked), call.signal);
    }
  }

  private async send<T>(call: Call): Promise<{ body: T } | { error: KubernetesError | HttpFailure }> {
    const { access, nowMs, timeoutMs } = this.options;
    const token = access.token?.();
    // the server's address may have a path of its own (a proxy in front of several clusters)
    const url = new URL(access.server.href.replace(/\/$/, '') + call.path);
    let answer: HttpAnswer;
    try {
      answer = await callHttp(
        {
          method: call.method,
          url,
          headers: {
            accept: 'application/json',
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
          },
          ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
          timeoutMs: timeoutMs ?? 15_000,
          ...(call.signal ? { signal: call.signal } : {}),
        },
        { tls: access.tls, maxAnswerBytes: 64 << 20 },
      );
    } catch (error) {
      if (error instanceof HttpFailure) return { error };
      throw error;
    }
    if (answer.status >= 200 && answer.status < 300) return { body: JSON.parse(answer.text) as T };
    return { error: readStatus(answer.status, answer.text, retryAfterMs(answer.headers['retry-after'], nowMs())) };
  }
}

const pathOf = (kind: ScalableKind, namespace: string, name: string) =>
  `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${kind === 'Deployment' ? 'deployments' : 'statefulsets'}/${encodeURIComponent(name)}`;
