import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { api, useLoad } from '../data/api';
import { useMay } from '../data/role';
import { told } from '../ui/told';

/** One line of the palette. */
export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  /** By which it is found, besides what was already looked up for. */
  readonly words: string;
  readonly run: () => void;
}

/** Letters before anything is looked up. */
const LEAST = 2;
const MOST = 8;
/** Of lists that have no search of their own, so many are looked through. */
const LOOKED_THROUGH = 200;
/** Said first, it is what is to be done to what is called like the rest: "stop trainer". */
const VERB = /^(stop|start|approve|reject|acknowledge)\s+/i;
/** What can be asked of an instance in this state, and how it is told. */
const DEEDS: Readonly<Record<string, readonly [string, string]>> = {
  running: ['stop', 'Stop'],
  unknown: ['stop', 'Stop'],
  stopped: ['start', 'Start'],
};

/**
 * What is called like that: instances and what can be done to them, what waits for a decision, open alerts, policies. Nothing is
 * done from here at once: a stop, a start and a decision open the dialog that says what they would do.
 */
export function useFinds(term: string, isOpen: boolean): readonly Entry[] {
  const [, go] = useLocation();
  const isOperator = useMay('operator');
  const name = term.replace(VERB, '');
  const verb = VERB.exec(term)?.[1]?.toLowerCase();
  const enabled = isOpen && name.length >= LEAST;
  const instances = useLoad(
    ['/api/instances', 'palette', name],
    () => api.GET('/api/instances', { params: { query: { search: name, limit: MOST } } }),
    { enabled },
  ).data?.data;
  const query = { limit: LOOKED_THROUGH };
  const waiting = useLoad(
    ['/api/actions', 'palette'],
    () => api.GET('/api/actions', { params: { query: { ...query, status: ['pending_approval'] } } }),
    { enabled: enabled && isOperator },
  ).data?.data;
  const alerts = useLoad(
    ['/api/alerts', 'palette'],
    () => api.GET('/api/alerts', { params: { query: { ...query, status: 'active' } } }),
    { enabled },
  ).data?.data;
  const policies = useLoad(
    ['/api/enforcement-policies', 'palette'],
    () => api.GET('/api/enforcement-policies', { params: { query } }),
    { enabled },
  ).data?.data;
  return useMemo(() => {
    if (name.length < LEAST) return [];
    const entry = (id: string, title: string, note: string, to: string): Entry => ({
      id,
      title,
      note,
      words: title,
      run: () => go(to),
    });
    const parts = name.toLowerCase().split(/\s+/);
    const called = (all: readonly Entry[]) =>
      all.filter(({ title }) => parts.every((part) => title.toLowerCase().includes(part))).slice(0, MOST);
    const found = (instances ?? []).flatMap(({ id, name: own, instance_id, state }) => {
      const title = own ?? instance_id;
      const [deed, words] = (isOperator && DEEDS[state]) || [];
      return [
        ...(verb ? [] : [entry(`instance ${id}`, title, `Instance · ${state}`, `/instances/${id}`)]),
        ...(deed && (!verb || verb === deed)
          ? [entry(`${deed} ${id}`, `${words} ${told(title)} …`, 'Instance', `/instances/${id}?do=${deed}`)]
          : []),
      ];
    });
    return [
      ...found,
      ...called(
        (waiting ?? []).map(({ id, type, instance, instance_id }) =>
          entry(
            `action ${id}`,
            `Approve or reject: ${type} ${told(instance.name ?? instance.provider_id ?? String(instance_id))}`,
            'Waits for a decision',
            `/actions/${id}`,
          ),
        ),
      ),
      ...called(
        (alerts ?? []).map(({ id, title, acknowledged }) =>
          entry(`alert ${id}`, told(title), `Alert · ${acknowledged ? 'acknowledged' : 'open'}`, `/alerts?alert=${id}`),
        ),
      ),
      ...called(
        (policies ?? []).map(({ id, policy_name: name, enabled: isOn }) =>
          entry(`policy ${id}`, name, `Policy · ${isOn ? 'on' : 'off'}`, `/policies/${id}`),
        ),
      ),
    ];
  }, [name, verb, instances, waiting, alerts, policies, isOperator, go]);
}
