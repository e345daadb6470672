import { HttpFailure } from '@flotilla/providers/http';
import { KubernetesError } from '@flotilla/providers/kubernetes';
import type { StepAnswer } from '../executor.js';

/** What an error says about whether it was done. */
export function answerFor(error: unknown): StepAnswer {
  if (error instanceof KubernetesError) {
    const said = `Kubernetes said ${error.status} ${error.reason}: ${error.message}`;
    if (error.status === 401 || error.status === 403 || error.status === 404) return { how: 'refused', said };
    return { how: error.status >= 500 ? 'uncertain' : 'failed', said };
  }
  if (error instanceof HttpFailure) {
    return error.mayHaveArrived
      ? { how: 'uncertain', said: `whether Kubernetes took it is not known: ${error.message}` }
      : { how: 'failed', said: `Kubernetes was not reached: ${error.message}` };
  }
  return { how: 'uncertain', said: error instanceof Error ? error.message : String(error) };
}
