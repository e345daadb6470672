import type { Observation } from '../executor.js';

/** A line of `scontrol -o show node`. */
export interface SlurmNode {
  /** "IDLE+DRAIN" is IDLE and DRAIN; upper case. */
  readonly states: ReadonlySet<string>;
  readonly reason: string;
}

/** @returns null when it is not such a line */
export function readNode(line: string): SlurmNode | null {
  const state = /\bState=(\S+)/.exec(line)?.[1];
  if (!state) return null;
  const reason = /\bReason=(.*?)(?: \[[^\]]*\])?\s*$/.exec(line)?.[1] ?? '';
  // older versions mark a node that does not respond by a star, and one in power saving by a tilde and the like
  return {
    states: new Set(
      state
        .toUpperCase()
        .split(/[+*~#!%$@^-]+/)
        .filter((word) => word !== ''),
    ),
    reason,
  };
}

/** States in which a job has the node or has not left it. */
const BUSY = ['ALLOCATED', 'MIXED', 'COMPLETING'];
const POWERED_OFF = ['POWERED_DOWN', 'POWER_SAVE'];
const GOING_DOWN = ['POWERING_DOWN', 'POWER_DOWN'];
const COMING_UP = ['POWERING_UP', 'POWER_UP'];

/** Drained and without a job is stopped; draining is still running, and only needs time. */
export function workloadOf({ states, reason }: SlurmNode, jobs: readonly string[]): Observation {
  const said = `${[...states].join('+')}${reason ? `, reason: ${reason}` : ''}`;
  const has = (words: readonly string[]) => words.some((word) => states.has(word));
  if (has(POWERED_OFF)) return { state: 'stopped', detail: `the node is powered down: ${said}` };
  const draining = has(['DRAIN', 'DRAINED', 'DRAINING']);
  if (!draining && has(['DOWN'])) return { state: 'stopped', detail: `the node is down: ${said}` };
  if (!draining && has(['FUTURE', 'UNKNOWN', 'FAIL', 'FAILING'])) return { state: 'unverified', detail: said };
  if (!draining) return { state: 'running', detail: said };
  if (!has(BUSY) && jobs.length === 0) return { state: 'stopped', detail: `drained: ${said}` };
  const which = jobs.length > 0 ? `job${jobs.length > 1 ? 's' : ''} ${jobs.slice(0, 20).join(', ')}` : 'a job';
  return { state: 'running', onItsWay: true, detail: `draining, ${which} still on it: ${said}` };
}

export function powerOf({ states, reason }: SlurmNode): Observation {
  const said = `${[...states].join('+')}${reason ? `, reason: ${reason}` : ''}`;
  const has = (words: readonly string[]) => words.some((word) => states.has(word));
  // asked for again while it goes down, or the other way round: the flag of the newer wish stands beside the older state
  if (has(GOING_DOWN)) return { state: 'running', onItsWay: true, detail: `going down: ${said}` };
  if (has(COMING_UP)) return { state: 'stopped', onItsWay: true, detail: `coming up: ${said}` };
  if (has(POWERED_OFF)) return { state: 'stopped', detail: said };
  if (has(['DOWN', 'NOT_RESPONDING', 'NO_RESPOND', 'UNKNOWN', 'FUTURE'])) return { state: 'unverified', detail: said };
  return { state: 'running', detail: said };
}
