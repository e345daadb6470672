import type {
  ActionResultInput,
  EntryInput,
  GpuProcessInput,
  LiveInput,
  Offer,
  QueryAnswerInput,
} from '@flotilla/contracts/agent';
import type { ActionOffer } from '../executors/executor.js';
import { verbOf } from '../executors/verb.js';
import type { GpuProcessFacts } from '../collectors/collector.js';
import type { QueryReply, Result } from '../executors/action-runner.js';
import type { Newest } from '../minute/minute-book.js';
import { floatBytes } from '../spool/entry.js';
import type { SpoolEntry } from '../spool/entry.js';

/** An entry of the spool as the stream carries it. */
export function entryToWire(entry: SpoolEntry): EntryInput {
  switch (entry.kind) {
    case 'minute': {
      const { minuteS, intervalS, metrics, seconds, values } = entry.minute;
      return {
        minute: {
          device: entry.device,
          minuteS,
          intervalS,
          metrics: [...metrics],
          seconds: Buffer.from(seconds),
          values: floatBytes(values),
        },
      };
    }
    case 'event': {
      const { atMs, event, severity, device, message, detailsJson } = entry;
      return { event: { atMs: Math.round(atMs), kind: event, severity, device, message, detailsJson } };
    }
    case 'record':
      return { record: { section: entry.section, json: Buffer.from(entry.json) } };
    case 'dropped': {
      const { reason, fromMinuteS, toMinuteS, entries } = entry;
      return { dropped: { reason, fromMinuteS, toMinuteS, entries } };
    }
  }
}

export function liveToWire(newest: readonly Newest[], processes: readonly GpuProcessFacts[] | null): LiveInput {
  return {
    devices: newest.map(({ device, atMs, values }) => ({
      device,
      atMs: Math.round(atMs),
      metrics: [...values.keys()],
      values: floatBytes(Float32Array.from(values.values())),
    })),
    processes: (processes ?? []).map(processToWire),
    processesRead: processes !== null,
  };
}

function processToWire(process: GpuProcessFacts): GpuProcessInput {
  const { usedMemoryMib, startedAtMs, ...told } = process;
  return {
    ...told,
    ...(usedMemoryMib === undefined ? {} : { usedMemoryMib: Math.round(usedMemoryMib) }),
    ...(startedAtMs === undefined ? {} : { startedAtMs: Math.round(startedAtMs) }),
  };
}

export function resultToWire({ actionId, fence, outcome }: Result): ActionResultInput {
  return {
    actionId,
    fence,
    outcome: outcome.outcome,
    message: outcome.message,
    ...(outcome.exitCode === null ? {} : { exitCode: outcome.exitCode }),
    output: outcome.output,
    outputTruncated: outcome.outputTruncated,
    startedAtMs: Math.round(outcome.startedAtMs ?? 0),
    finishedAtMs: Math.round(outcome.finishedAtMs ?? 0),
    observedState: outcome.observedState ?? 'unverified',
  };
}

export function answerToWire(actionId: string, reply: QueryReply): QueryAnswerInput {
  return { actionId, state: reply.state, ...(reply.state === 'done' ? { result: resultToWire(reply.result) } : {}) };
}

export function offerOf(offer: Offer): ActionOffer {
  const { actionId, fence, instanceId, controlKind, argumentsJson, expiresAtMs, precondition } = offer;
  return {
    actionId,
    fence,
    ...verbOf(offer.verb),
    instanceId,
    controlKind,
    argumentsJson,
    expiresAtMs,
    force: precondition?.force ?? false,
    idleSinceMs: precondition?.idleSinceMs ?? 0,
    idleBelowPercent: precondition?.idleBelowPercent ?? 0,
    generation: precondition?.generation ?? 0,
    knownProcesses: precondition?.processesAsked ? precondition.knownProcesses : null,
  };
}
