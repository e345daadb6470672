import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { ActionVerb } from '@flotilla/domain';
import { inClusterAccess, KubernetesClient, readKubeconfig } from '@flotilla/providers/kubernetes';
import type { ClusterAccess } from '@flotilla/providers/kubernetes';
import { coversByName, limitsOf, protectionOf } from '../control-settings.js';
import type { ActionOffer, Executor, NoPlan, Plan, Rehearsal } from '../executor.js';
import type { ExecutorTools } from '../kinds.js';
import { drain, observeNode, uncordon } from './drain.js';
import { mustGo, unacceptedLoss } from './pods.js';
import { goalOf, observeScale, readAll, scaleAll, titleOf, unknownNumber } from './scale.js';
import type { Workload } from './scale.js';
import type { KubernetesControl } from './settings.js';

/** @throws ClusterAccessError, or Error when a file cannot be read */
export function createKubernetesExecutor(control: KubernetesControl, { clock, environment }: ExecutorTools): Executor {
  if (control.node && control.instances.length > 1) throw new Error('"node" is one node: name one instance with it');
  const client = new KubernetesClient({ access: accessOf(control, environment), nowMs: () => clock.nowMs() });
  const ownNode = environment['NODE_NAME'] ?? hostname().toLowerCase();
  return new KubernetesExecutor(control, client, ownNode);
}

function accessOf(control: KubernetesControl, environment: ExecutorTools['environment']): ClusterAccess {
  const read = (path: string) => readFileSync(path, 'utf8');
  const { kubeconfig: path, context } = control;
  if (path === undefined) return inClusterAccess(environment, read);
  return readKubeconfig(read(path), {
    path,
    ...(context === undefined ? {} : { context }),
    readFile: (name) => read(resolve(dirname(path), name)),
  });
}

/** Empties a node and lets it fill again, or scales workloads to nothing and back. */
class KubernetesExecutor implements Executor {
  readonly control;

  constructor(
    private readonly settings: KubernetesControl,
    private readonly client: KubernetesClient,
    private readonly ownNode: string,
  ) {
    const { verbs, instances } = settings;
    this.control = {
      kind: 'kubernetes',
      verbs: verbs as readonly ActionVerb[],
      instanceIds: instances,
      scope: {},
      level: 'workload' as const,
    };
  }

  covers(offer: ActionOffer): boolean {
    return coversByName('kubernetes', this.settings.instances, offer);
  }

  async plan(offer: ActionOffer, signal: AbortSignal): Promise<Plan | NoPlan> {
    const { verb, instanceId } = offer;
    if (verb !== 'start' && verb !== 'stop') return { refused: `Kubernetes knows no ${verb}` };
    const { workloads } = this.settings;
    return workloads ? this.planScale(verb, workloads, signal) : this.planDrain(verb, instanceId, signal);
  }

  private async planScale(
    verb: 'start' | 'stop',
    workloads: readonly Workload[],
    signal: AbortSignal,
  ): Promise<Plan | NoPlan> {
    const { client, settings } = this;
    const { found, missing } = await readAll(client, workloads, signal);
    if (missing.length > 0) return { refused: `there is no ${missing.join(', no ')}` };
    const goals = found.map(({ workload, now }) => ({ workload, goal: goalOf(workload, now, verb) }));
    const unknown = goals.find(({ goal }) => goal === null);
    if (unknown) return { refused: unknownNumber(titleOf(unknown.workload)) };
    return {
      what: `scale ${goals.map(({ workload, goal }) => `${titleOf(workload)} to ${goal}`).join(', ')}`,
      desired: verb === 'start' ? 'running' : 'stopped',
      protection: protectionOf(settings),
      ...limitsOf(settings),
      endsHost: false,
      observe: (aborted) => observeScale(client, workloads, aborted),
      act: (context) => scaleAll(client, workloads, verb, context, limitsOf(settings).timeoutMs),
      resume: (context) => scaleAll(client, workloads, verb, context, limitsOf(settings).timeoutMs),
      rehearse: (aborted) =>
        this.ask(
          workloads.map(({ kind, namespace, name }) => ({
            verb: 'patch',
            group: 'apps',
            resource: kind === 'Deployment' ? 'deployments' : 'statefulsets',
            namespace: namespace ?? client.namespace,
            name,
          })),
          aborted,
        ),
    };
  }

  private async planDrain(verb: 'start' | 'stop', instanceId: string, signal: AbortSignal): Promise<Plan | NoPlan> {
    const { client, settings } = this;
    const node = await this.nodeOf(instanceId, signal);
    if (node === null) {
      const which = instanceId === 'self' ? `called ${settings.node ?? this.ownNode}` : `with the id ${instanceId}`;
      return { refused: `the cluster has no node ${which}; set "node" in the kubernetes control` };
    }
    const limits = limitsOf(settings);
    const pods = verb === 'stop' ? (await client.podsOn(node, signal)).filter(mustGo) : [];
    const act: Plan['act'] = (context) =>
      verb === 'stop'
        ? drain(client, node, context, limits.timeoutMs)
        : uncordon(client, node, context, limits.timeoutMs);
    const desired = verb === 'start' ? 'running' : 'stopped';
    return {
      what: verb === 'stop' ? `drain node ${node} (${pods.length} pods)` : `uncordon node ${node}`,
      desired,
      protection: protectionOf(settings) ?? unacceptedLoss(pods, settings.accept),
      ...limits,
      endsHost: false,
      observe: (aborted) => observeNode(client, node, desired, aborted),
      act,
      resume: act,
      rehearse: (aborted) =>
        this.ask(
          [
            { verb: 'patch', resource: 'nodes', name: node },
            ...(verb === 'stop' ? [{ verb: 'create', resource: 'pods', subresource: 'eviction' }] : []),
          ],
          aborted,
        ),
    };
  }

  private async nodeOf(instanceId: string, signal: AbortSignal): Promise<string | null> {
    const { node } = this.settings;
    const name = node ?? (instanceId === 'self' ? this.ownNode : null);
    if (name !== null) return (await this.client.node(name, signal)) ? name : null;
    const nodes = await this.client.nodes(signal);
    // aws:///eu-central-1a/i-0abc, gce://project/zone/name, azure:///…/name
    const found = nodes.find(
      ({ metadata, spec }) => metadata.name === instanceId || spec.providerID?.split('/').at(-1) === instanceId,
    );
    return found?.metadata.name ?? null;
  }

  private async ask(
    questions: readonly {
      verb: string;
      group?: string;
      resource: string;
      subresource?: string;
      namespace?: string;
      name?: string;
    }[],
    signal: AbortSignal,
  ): Promise<Rehearsal> {
    for (const question of questions) {
      if (await this.client.mayI(question, signal)) continue;
      const { verb, resource, subresource, namespace } = question;
      const detail = `Kubernetes would not let this account ${verb} ${resource}${subresource ? `/${subresource}` : ''}${namespace ? ` in ${namespace}` : ''}`;
      return { allowed: false, detail };
    }
    return { allowed: true, detail: 'Kubernetes would let this account do it' };
  }
}
