import { useEffect, useState } from 'react';
import { api, sentenceOf } from '../data/api';
import { ApiError } from '../data/session';
import { chunksOf } from './bulk';
import type { GateAnswer } from './bulk';

export interface Gates {
  readonly answers: ReadonlyMap<number, GateAnswer>;
  /** How many were asked, with or without an answer. */
  readonly asked: number;
  /** Why some have none. */
  readonly fault: string | undefined;
}

const NONE: Gates = { answers: new Map(), asked: 0, fault: undefined };

/** What the safe-stop gate says of each, a hundred in a request. @param ids the same object as long as they are the same */
export function useGates(ids: readonly number[], enabled: boolean): Gates {
  const [gates, setGates] = useState(NONE);
  useEffect(() => {
    if (!enabled) return;
    let ended = false;
    const ask = async () => {
      setGates(NONE);
      for (const some of chunksOf(ids)) {
        const found = await gatesOf(some);
        if (ended) return;
        setGates(({ answers, asked, fault }) => ({
          answers: new Map([...answers, ...found.answers.map((one) => [one.instance_id, one] as const)]),
          asked: asked + some.length,
          fault: found.fault ?? fault,
        }));
      }
    };
    void ask();
    return () => {
      ended = true;
    };
  }, [ids, enabled]);
  return gates;
}

async function gatesOf(ids: number[]): Promise<{ answers: readonly GateAnswer[]; fault?: string }> {
  try {
    const { data, error } = await api.POST('/api/instances/stop-gate', { body: { instance_ids: ids } });
    if (!data) throw ApiError.of(error);
    return { answers: data.data.answers };
  } catch (error) {
    return { answers: [], fault: sentenceOf(error) };
  }
}
