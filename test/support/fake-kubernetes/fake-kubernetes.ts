import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TestAuthority } from '../fake-control-plane/authority.js';
import { mergePatch, statusOf } from './objects.js';
import type { BudgetOptions, KubeObject, PodOptions } from './objects.js';

export type KubeFault =
  | { readonly kind: 'error'; readonly status: number; readonly reason?: string; readonly retryAfterS?: number }
  | { readonly kind: 'silence' | 'reset' | 'silence-after-effect' | 'reset-after-effect' };

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly retryAfterS?: number;
}

/** A Kubernetes API server on loopback: TLS, bearer token, versions, budgets, pages; what it forgets at its end. */
export class FakeKubernetes {
  readonly nodes = new Map<string, KubeObject>();
  readonly pods = new Map<string, KubeObject>();
  /** By `deployments/namespace/name`. */
  readonly workloads = new Map<string, KubeObject>();
  readonly budgets: BudgetOptions[] = [];
  /** Changes that took effect: `cordon n`, `uncordon n`, `evict ns/p`, `scale deployments/ns/d 4→0`. */
  readonly effects: string[] = [];
  /** `METHOD path`, as they came in. */
  readonly calls: string[] = [];
  /** `verb resource`, as in a Role: 403. */
  readonly denied = new Set<string>();
  token = 'a-token-of-the-service-account';
  /** Changes are taken, and nothing changes. */
  numb = false;
  /** How long a workload takes to have what it wants. */
  scaleMs = 50;
  private version = 100;
  private readonly graceMs = new Map<string, number>();
  private readonly faults: { match: RegExp; fault: KubeFault }[] = [];

  private constructor(
    private readonly server: Server,
    readonly caPem: string,
  ) {}

  static async start(): Promise<FakeKubernetes> {
    const authority = await TestAuthority.create();
    const { chainPem, keyPem } = await authority.forServer('127.0.0.1');
    const server = createServer({ cert: chainPem, key: keyPem });
    const fake = new FakeKubernetes(server, authority.caPem);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void fake.serve(request, response));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return fake;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** As an admin would hand it out. */
  kubeconfig(user: string = `token: ${this.token}`, cluster = ''): string {
    const authority = Buffer.from(this.caPem).toString('base64');
    return `apiVersion: v1
kind: Config
current-context: fleet
contexts:
- {name: fleet, context: {cluster: c, user: u, namespace: train}}
clusters:
- name: c
  cluster:
    server: https://127.0.0.1:${this.port}
    certificate-authority-data: ${authority}
    ${cluster}
users:
- name: u
  user:
    ${user}
`;
  }

  addNode(name: string, spec: Record<string, unknown> = {}): void {
    this.nodes.set(name, {
      metadata: { name, uid: randomUUID(), resourceVersion: this.nextVersion() },
      spec,
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
  }

  addPod({
    name,
    namespace = 'train',
    node,
    owner = 'ReplicaSet',
    labels,
    mirror,
    phase,
    volumes,
    graceMs,
  }: PodOptions) {
    const key = `${namespace}/${name}`;
    this.graceMs.set(key, graceMs ?? 20);
    const reference = { apiVersion: 'apps/v1', kind: owner ?? '', name: 'o', uid: randomUUID(), controller: true };
    this.pods.set(key, {
      metadata: {
        name,
        namespace,
        uid: randomUUID(),
        resourceVersion: this.nextVersion(),
        labels: { ...labels },
        ...(mirror ? { annotations: { 'kubernetes.io/config.mirror': 'abc' } } : {}),
        ...(owner === null ? {} : { ownerReferences: [reference] }),
      },
      spec: { nodeName: node, volumes: volumes ?? [] },
      status: { phase: phase ?? 'Running' },
    });
  }

  addWorkload(
    resource: 'deployments' | 'statefulsets',
    name: string,
    replicas: number,
    namespace = 'train',
  ): KubeObject {
    const object: KubeObject = {
      metadata: { name, namespace, uid: randomUUID(), resourceVersion: this.nextVersion() },
      spec: { replicas },
      status: { replicas, readyReplicas: replicas },
    };
    this.workloads.set(`${resource}/${namespace}/${name}`, object);
    return object;
  }

  /** The next request whose `METHOD path` matches fares so. */
  fail(match: RegExp, ...faults: readonly KubeFault[]): void {
    for (const fault of faults) this.faults.push({ match, fault });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private nextVersion(): string {
    return String(++this.version);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const url = new URL(request.url ?? '/', 'https://fake');
    const call = `${request.method} ${url.pathname}`;
    this.calls.push(call);
    const say = ({ status, body, retryAfterS }: Answer) => {
      if (retryAfterS !== undefined) response.setHeader('retry-after', String(retryAfterS));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      return say({ status: 401, body: statusOf(401, 'Unauthorized', 'Unauthorized') });
    }
    const at = this.faults.findIndex(({ match }) => match.test(call));
    const fault = at < 0 ? undefined : this.faults.splice(at, 1)[0]?.fault;
    if (fault?.kind === 'reset') return void request.socket.destroy();
    if (fault?.kind === 'silence') return;
    if (fault?.kind === 'error') {
      const body = statusOf(fault.status, fault.reason ?? '', fault.reason ?? 'as the test wants it');
      return say({ status: fault.status, body, ...(fault.retryAfterS ? { retryAfterS: fault.retryAfterS } : {}) });
    }
    const answer = this.answer(request.method ?? '', url, text === '' ? {} : (JSON.parse(text) as object), request);
    if (fault?.kind === 'silence-after-effect') return;
    if (fault?.kind === 'reset-after-effect') return void request.socket.destroy();
    say(answer);
  }

  private answer(method: string, url: URL, body: object, { headers }: IncomingMessage): Answer {
    const path = url.pathname;
    if (path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') {
      const { resourceAttributes: a } = (body as { spec: { resourceAttributes: Record<string, string> } }).spec;
      const resource = a['subresource'] ? `${a['resource']}/${a['subresource']}` : a['resource'];
      return { status: 201, body: { ...body, status: { allowed: !this.denied.has(`${a['verb']} ${resource}`) } } };
    }
    const eviction = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/eviction$/.exec(path);
    const node = /^\/api\/v1\/nodes\/([^/]+)$/.exec(path);
    const workload = /^\/apis\/apps\/v1\/namespaces\/([^/]+)\/(deployments|statefulsets)\/([^/]+)$/.exec(path);
    const resource = eviction
      ? 'pods/eviction'
      : node || path === '/api/v1/nodes'
        ? 'nodes'
        : (workload?.[2] ?? 'pods');
    const verb = { GET: 'get', PATCH: 'patch', POST: 'create' }[method] ?? method;
    if (this.denied.has(`${verb} ${resource}`)) {
      const message = `${resource} is forbidden: User "system:serviceaccount:train:flotilla" cannot ${verb} resource "${resource}"`;
      return { status: 403, body: statusOf(403, 'Forbidden', message) };
    }
    if (method === 'POST' && eviction) return this.evict(`${eviction[1]}/${eviction[2]}`, body);
    if (path === '/api/v1/nodes') return this.page([...this.nodes.values()], url);
    if (path === '/api/v1/pods') {
      const wanted = /^spec\.nodeName=(.+)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
      return this.page(
        [...this.pods.values()].filter((pod) => !wanted || pod.spec['nodeName'] === wanted),
        url,
      );
    }
    const store = node ? this.nodes : workload ? this.workloads : null;
    const key = node ? node[1] : workload ? `${workload[2]}/${workload[1]}/${workload[3]}` : '';
    const object = store?.get(key ?? '');
    if (!store || !object) return { status: 404, body: statusOf(404, 'NotFound', `${resource} "${key}" not found`) };
    if (method === 'GET') return { status: 200, body: object };
    if (headers['content-type'] !== 'application/merge-patch+json') {
      return {
        status: 415,
        body: statusOf(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format'),
      };
    }
    return this.patch(store, key ?? '', object, body);
  }

  private patch(store: Map<string, KubeObject>, key: string, before: KubeObject, body: object): Answer {
    const asked = (body as Partial<KubeObject>).metadata?.resourceVersion;
    if (asked !== undefined && asked !== before.metadata.resourceVersion) {
      const message = `Operation cannot be fulfilled on "${key}": the object has been modified; please apply your changes to the latest version and try again`;
      return { status: 409, body: statusOf(409, 'Conflict', message) };
    }
    if (this.numb) return { status: 200, body: before };
    const after = mergePatch(before, body) as KubeObject;
    if (JSON.stringify(after) === JSON.stringify(before)) return { status: 200, body: before };
    after.metadata.resourceVersion = this.nextVersion();
    store.set(key, after);
    if (store === this.nodes)
      this.effects.push(`${after.spec['unschedulable'] === true ? 'cordon' : 'uncordon'} ${key}`);
    const [from, to] = [before.spec['replicas'], after.spec['replicas']];
    if (from !== to) {
      this.effects.push(`scale ${key} ${String(from)}→${String(to)}`);
      setTimeout(() => {
        const now = store.get(key);
        if (now)
          store.set(key, { ...now, status: { replicas: now.spec['replicas'], readyReplicas: now.spec['replicas'] } });
      }, this.scaleMs);
    }
    return { status: 200, body: after };
  }

  private evict(key: string, body: object): Answer {
    const pod = this.pods.get(key);
    if (!pod) return { status: 404, body: statusOf(404, 'NotFound', `pods "${key}" not found`) };
    const uid = (body as { deleteOptions?: { preconditions?: { uid?: string } } }).deleteOptions?.preconditions?.uid;
    if (uid !== undefined && uid !== pod.metadata.uid) {
      return {
        status: 409,
        body: statusOf(409, 'Conflict', 'the UID in the precondition does not match the UID in record'),
      };
    }
    if (pod.metadata.deletionTimestamp || this.numb)
      return { status: 201, body: { kind: 'Status', status: 'Success' } };
    const budget = this.budgets.find(
      ({ namespace = 'train', labels }) =>
        namespace === pod.metadata.namespace &&
        Object.entries(labels).every(([name, value]) => pod.metadata.labels?.[name] === value),
    );
    if (budget && budget.allowed <= 0) {
      const causes = [
        { reason: 'DisruptionBudget', message: 'The disruption budget train needs 2 healthy pods and has 2 currently' },
      ];
      const message = "Cannot evict pod as it would violate the pod's disruption budget.";
      return { status: 429, body: statusOf(429, 'TooManyRequests', message, { causes }) };
    }
    if (budget) budget.allowed -= 1;
    this.effects.push(`evict ${key}`);
    pod.metadata.deletionTimestamp = new Date().toISOString();
    setTimeout(() => this.pods.delete(key), this.graceMs.get(key) ?? 20).unref();
    return { status: 201, body: { kind: 'Status', status: 'Success' } };
  }

  private page(items: KubeObject[], { searchParams }: URL): Answer {
    const from = Number(searchParams.get('continue') ?? 0);
    const limit = Math.min(Number(searchParams.get('limit') ?? 500), 2);
    const next = from + limit < items.length ? { continue: String(from + limit) } : {};
    return { status: 200, body: { metadata: next, items: items.slice(from, from + limit) } };
  }
}
