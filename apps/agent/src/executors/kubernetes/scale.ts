import { isConflict } from '@flotilla/providers/kubernetes';
import type { KubernetesClient, Scalable } from '@flotilla/providers/kubernetes';
import { endOfStep } from '../act-end.js';
import type { ActContext, ActEnd, Observation, StepAnswer } from '../executor.js';
import { answerFor } from './answers.js';
import type { KubernetesControl } from './settings.js';

export type Workload = NonNullable<KubernetesControl['workloads']>[number];

/** Where a workload itself remembers how many replicas it had: it outlives this agent. */
export const REMEMBERED = 'flotilla/replicas-before-stop';
const TRIES = 8;

export const titleOf = ({ kind, namespace, name }: Workload): string =>
  `${kind.toLowerCase()} ${namespace ? `${namespace}/` : ''}${name}`;

/** The workloads as they are; a name that does not exist is said. */
export async function readAll(
  client: KubernetesClient,
  workloads: readonly Workload[],
  signal: AbortSignal,
): Promise<{ found: readonly { workload: Workload; now: Scalable }[]; missing: readonly string[] }> {
  const found: { workload: Workload; now: Scalable }[] = [];
  const missing: string[] = [];
  for (const workload of workloads) {
    const now = await client.scalable(workload.kind, workload.namespace ?? client.namespace, workload.name, signal);
    if (now) found.push({ workload, now });
    else missing.push(titleOf(workload));
  }
  return { found, missing };
}

/** How many there are to be; null: nobody knows. */
export function goalOf(workload: Workload, now: Scalable, verb: 'start' | 'stop'): number | null {
  if (verb === 'stop') return 0;
  const current = now.spec.replicas ?? 1;
  if (current > 0) return current;
  const remembered = Number(now.metadata.annotations?.[REMEMBERED]);
  return Number.isInteger(remembered) && remembered > 0 ? remembered : (workload.replicas ?? null);
}

export async function scaleAll(
  client: KubernetesClient,
  workloads: readonly Workload[],
  verb: 'start' | 'stop',
  context: ActContext,
  timeoutMs: number,
): Promise<ActEnd> {
  const answers: StepAnswer[] = [];
  for (const workload of workloads) {
    const answer = await context.request({
      name: `${verb} ${titleOf(workload)}`,
      timeoutMs: Math.min(60_000, timeoutMs),
      // it names the number and the version that was read
      repeat: 'safe',
      send: (_token, signal) => scaleOne(client, workload, verb, signal),
    });
    answers.push(answer);
    if (answer.how !== 'done') break;
  }
  const said = answers.map((answer) => answer.said).join('; ');
  const how = answers.at(-1)?.how ?? 'done';
  // some of them were changed: that is no refusal any more
  return endOfStep({ how: how === 'refused' && answers.length > 1 ? 'failed' : how, said });
}

async function scaleOne(
  client: KubernetesClient,
  workload: Workload,
  verb: 'start' | 'stop',
  signal: AbortSignal,
): Promise<StepAnswer> {
  const title = titleOf(workload);
  try {
    for (let n = 1; ; n++) {
      const { found } = await readAll(client, [workload], signal);
      const now = found[0]?.now;
      if (!now) return { how: 'refused', said: `there is no ${title}` };
      const goal = goalOf(workload, now, verb);
      if (goal === null) return { how: 'refused', said: unknownNumber(title) };
      const current = now.spec.replicas ?? 1;
      if (current === goal) return { how: 'done', said: `${title} is at ${goal} already` };
      try {
        const remember = { [REMEMBERED]: verb === 'stop' ? String(current) : null };
        await client.scale(workload.kind, now, goal, remember, signal);
        return { how: 'done', said: `${title} was scaled from ${current} to ${goal}` };
      } catch (error) {
        // somebody else changed it between our look and our change: look again
        if (!isConflict(error) || n >= TRIES) throw error;
      }
    }
  } catch (error) {
    return answerFor(error);
  }
}

export const unknownNumber = (title: string): string =>
  `${title} is at 0 replicas and nobody remembers how many there were: scale it yourself, or set "replicas" in the kubernetes control`;

/** Stopped: none is wanted and none is there, of any. Running: all that are wanted are ready, of each. */
export async function observeScale(
  client: KubernetesClient,
  workloads: readonly Workload[],
  signal: AbortSignal,
): Promise<Observation> {
  const { found, missing } = await readAll(client, workloads, signal);
  if (missing.length > 0) return { state: 'unverified', detail: `there is no ${missing.join(', no ')}` };
  const counts = found.map(({ workload, now }) => {
    const wanted = now.spec.replicas ?? 1;
    const there = now.status?.replicas ?? 0;
    const ready = now.status?.readyReplicas ?? 0;
    return { wanted, there, ready, text: `${titleOf(workload)} wants ${wanted}, has ${there}, ${ready} ready` };
  });
  const detail = counts.map(({ text }) => text).join('; ');
  if (counts.every(({ wanted, there }) => wanted === 0 && there === 0)) return { state: 'stopped', detail };
  if (counts.every(({ wanted, ready }) => wanted > 0 && ready >= wanted)) return { state: 'running', detail };
  if (counts.every(({ wanted }) => wanted === 0)) return { state: 'running', detail, onItsWay: true };
  if (counts.every(({ wanted }) => wanted > 0)) return { state: 'unverified', detail, onItsWay: true };
  return { state: 'unverified', detail };
}
