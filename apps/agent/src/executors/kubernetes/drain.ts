import { isBudget, isConflict, isGone } from '@flotilla/providers/kubernetes';
import type { KubernetesClient, Pod } from '@flotilla/providers/kubernetes';
import { endOfStep } from '../act-end.js';
import type { ActContext, ActEnd, Observation, StepAnswer } from '../executor.js';
import { answerFor } from './answers.js';
import { isEnding, mustGo, nameOf } from './pods.js';

/** Between two rounds: soon at first, then as patient as a disruption budget asks for. */
const PAUSES_MS = [300, 1_000, 2_000, 5_000] as const;
/** What is left of its time to say how far it came. */
const LAST_WORDS_MS = 4_000;

/** Stop: no more pods come, and those that are there end, as their disruption budgets allow. */
export async function drain(
  client: KubernetesClient,
  node: string,
  context: ActContext,
  timeoutMs: number,
): Promise<ActEnd> {
  const cordoned = await cordon(client, node, true, context, 'cordon', timeoutMs);
  if (cordoned.how !== 'done') return endOfStep(cordoned);
  const evicted = await context.request({
    name: 'evict',
    timeoutMs: timeoutMs + LAST_WORDS_MS,
    // an eviction names the very pod: a second one finds nothing
    repeat: 'safe',
    send: (_token, signal) =>
      evictAll(client, node, context, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])),
  });
  if (evicted.how !== 'refused') {
    const stays = evicted.how === 'done' ? '' : '. It takes no new pods meanwhile; a start lets them come again';
    return endOfStep({ ...evicted, said: evicted.said + stays });
  }
  // nothing was ended, and nothing will be: as if it had never been asked for
  await cordon(client, node, false, context, 'uncordon-again', timeoutMs);
  return endOfStep(evicted);
}

export async function uncordon(
  client: KubernetesClient,
  node: string,
  context: ActContext,
  timeoutMs: number,
): Promise<ActEnd> {
  return endOfStep(await cordon(client, node, false, context, 'uncordon', timeoutMs));
}

function cordon(
  client: KubernetesClient,
  node: string,
  close: boolean,
  context: ActContext,
  name: string,
  timeoutMs: number,
): Promise<StepAnswer> {
  return context.request({
    name,
    timeoutMs: Math.min(30_000, timeoutMs),
    repeat: 'safe',
    send: async (_token, signal) => {
      try {
        await client.cordon(node, close, signal);
        return { how: 'done', said: `the node ${node} ${close ? 'takes no new pods' : 'takes pods again'}` };
      } catch (error) {
        return answerFor(error);
      }
    },
  });
}

async function evictAll(
  client: KubernetesClient,
  node: string,
  context: ActContext,
  signal: AbortSignal,
): Promise<StepAnswer> {
  let ended = 0;
  const held: string[] = [];
  const left: string[] = [];
  try {
    for (let round = 0; ; round++) {
      const pods = (await client.podsOn(node, signal)).filter(mustGo);
      const waiting = pods.filter((pod) => !isEnding(pod));
      if (waiting.length === 0) {
        const rest = pods.length > 0 ? `, ${pods.length} on their way out` : '';
        return { how: 'done', said: `${ended} pods were evicted${rest}` };
      }
      held.length = 0;
      left.splice(0, left.length, ...waiting.map((pod) => `${nameOf(pod)} still runs`));
      for (const pod of waiting) {
        const word = await evict(client, pod, signal);
        if (word === null) ended++;
        else held.push(word);
      }
      await pauseFor(PAUSES_MS[Math.min(round, PAUSES_MS.length - 1)] as number, context, signal);
    }
  } catch (error) {
    if (signal.aborted) {
      return {
        how: 'failed',
        said: `its time was over after ${ended} evictions: ${(held.length > 0 ? held : left).slice(0, 5).join('; ')}`,
      };
    }
    const answer = answerFor(error);
    return answer.how === 'refused' && ended > 0 ? { ...answer, how: 'failed' } : answer;
  }
}

/** null: it goes, or is gone. Otherwise who holds it. */
async function evict(client: KubernetesClient, pod: Pod, signal: AbortSignal): Promise<string | null> {
  try {
    await client.evict(pod, signal);
    return null;
  } catch (error) {
    if (isGone(error) || isConflict(error)) return null;
    if (!isBudget(error)) throw error;
    const why = error.causes.find(({ message }) => message !== '')?.message ?? error.message;
    return `${nameOf(pod)} is held by a disruption budget (${why})`;
  }
}

async function pauseFor(ms: number, context: ActContext, signal: AbortSignal): Promise<void> {
  await Promise.race([
    context.pause(ms),
    new Promise((_, reject) => {
      const over = () => reject(new Error('its time is over'));
      if (signal.aborted) over();
      else signal.addEventListener('abort', over, { once: true });
    }),
  ]);
}

/** To whoever wants it stopped: is anything left? To whoever wants it running: do pods come? */
export async function observeNode(
  client: KubernetesClient,
  node: string,
  desired: 'running' | 'stopped',
  signal: AbortSignal,
): Promise<Observation> {
  const seen = await client.node(node, signal);
  if (!seen) return { state: 'unverified', detail: `there is no node ${node} any more` };
  const closed = seen.spec.unschedulable === true;
  const ready = seen.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const health = ready === 'True' ? '' : ', and is not ready';
  if (desired === 'running') {
    if (closed) return { state: 'stopped', detail: `the node ${node} is cordoned` };
    return { state: 'running', detail: `the node ${node} takes pods${health}` };
  }
  const pods = (await client.podsOn(node, signal)).filter(mustGo);
  const list = pods.slice(0, 5).map(nameOf).join(', ') + (pods.length > 5 ? ', …' : '');
  if (closed && pods.length === 0) return { state: 'stopped', detail: `the node ${node} is cordoned and empty` };
  if (!closed) return { state: 'running', detail: `the node ${node} takes pods and runs ${pods.length}${health}` };
  const onItsWay = pods.every(isEnding);
  const detail = `the node ${node} is cordoned, ${pods.length} pods ${onItsWay ? 'are ending' : 'still run'}: ${list}`;
  return { state: 'running', detail, onItsWay };
}
