import type { operations } from '@flotilla/api-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ActionState } from '../actions/action-words';
import { api, makeOld, sentenceOf } from '../data/api';
import { ApiError } from '../data/session';
import { stream } from '../data/stream';
import type { Chosen } from './every-match';
import type { Request } from './bulk';

export interface Done {
  readonly instance: Chosen;
  /** What was made of it; undefined: it was refused. */
  readonly action?: { readonly id: string; readonly status: ActionState };
  /** Why it was refused, in words. */
  readonly said?: string;
}
export interface Power {
  readonly done: readonly Done[];
  /** undefined: not begun; true: some were not asked yet */
  readonly busy: boolean | undefined;
  /** The limit of requests is used up: it goes on by itself. */
  readonly waiting: boolean;
}

/** While others use the limit up, too, it is tried again this often, and for so long. */
const AGAIN_MS = 5_000;
const LONGEST_MS = 180_000;

/** Asks for them one request after the other: the refusal of one holds none of the others up. Stops asking when it is closed. */
export function usePower(kind: 'start' | 'stop', chosen: readonly Chosen[]) {
  const [power, setPower] = useState<Power>({ done: [], busy: undefined, waiting: false });
  const ended = useRef(false);
  useEffect(() => {
    ended.current = false;
    return () => {
      ended.current = true;
    };
  }, []);
  const run = useCallback(
    async (requests: readonly Request[], reason: string) => {
      const known = new Map(chosen.map((one) => [one.id, one]));
      setPower({ done: [], busy: true, waiting: false });
      for (const { ids, accept } of requests) {
        if (ended.current) break;
        const body = { operation: kind, instance_ids: [...ids], accept: [...accept], ...(reason && { reason }) };
        const results = await ask(body, (waiting) => setPower((before) => ({ ...before, waiting })));
        const done = ids.map((id): Done => {
          const instance = known.get(id)!;
          if (typeof results === 'string') return { instance, said: results };
          const one = results.get(id);
          if (one?.action_id) return { instance, action: { id: one.action_id, status: one.status! } };
          return { instance, said: one?.error ?? 'It was not answered for.' };
        });
        setPower((before) => ({ ...before, done: [...before.done, ...done] }));
      }
      setPower((before) => ({ ...before, busy: false }));
      await makeOld(['/api/instances', '/api/actions', '/api/stats']);
    },
    [kind, chosen],
  );
  return { power, run };
}

type Body = NonNullable<operations['Instances_bulk']['requestBody']>['content']['application/json'];

/** @returns by instance, or why there is no answer */
async function ask(body: Body, waits: (waiting: boolean) => void) {
  for (const end = Date.now() + LONGEST_MS; ;) {
    try {
      const { data, error } = await api.POST('/api/instances/bulk', { body });
      if (!data) throw ApiError.of(error);
      return new Map(data.data.results.map((one) => [one.instance_id, one]));
    } catch (error) {
      const isFull = error instanceof ApiError && error.code === 'RATE_LIMIT';
      if (!isFull || Date.now() > end) return sentenceOf(error);
      waits(true);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      waits(false);
    }
  }
}

const IN_HAND: readonly ActionState[] = ['pending_approval', 'queued', 'dispatched', 'running', 'unknown'];
const LOOK_MS = 10_000;
const PAGE = 200;

/** What the actions have come to: told by the stream, and looked up from time to time for what it did not tell. */
export function useOutcomes(type: 'start' | 'stop', done: readonly Done[]): ReadonlyMap<string, ActionState> {
  const [told, setTold] = useState<ReadonlyMap<string, ActionState>>(new Map());
  const ids = done.flatMap(({ action }) => (action ? [action.id] : []));
  const first = new Map(done.flatMap(({ action }) => (action ? [[action.id, action.status] as const] : [])));
  const states = new Map([...first].map(([id, status]) => [id, told.get(id) ?? status]));
  const isOpen = ids.some((id) => IN_HAND.includes(states.get(id)!));
  useEffect(
    () =>
      stream.listen(({ event, data }) => {
        if (event !== 'action') return;
        const { id, status } = data as { id: string; status: ActionState };
        setTold((before) => new Map(before).set(id, status));
      }),
    [],
  );
  const pages = Math.ceil(ids.length / PAGE);
  useEffect(() => {
    if (!isOpen) return;
    const timer = setInterval(() => {
      for (let page = 1; page <= pages; page++) {
        void api
          .GET('/api/actions', { params: { query: { type, limit: PAGE, page } } })
          .then(({ data }) =>
            setTold(
              (before) => new Map([...before, ...(data?.data ?? []).map((one) => [one.id, one.status] as const)]),
            ),
          )
          // the next look may get through
          .catch(() => undefined);
      }
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [isOpen, pages, type]);
  return states;
}
