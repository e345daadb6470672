import { instanceTypeOf } from '../pricing/price-of.js';
import type { StopEvidence } from './evidence.js';
import { pass, refuse, unknown } from './finding.js';
import type { Finding } from './finding.js';
import type { StopGateSettings } from './settings.js';

/** A tag with one of these names and any value but these denials protects a machine, whoever set it. */
const PROTECTION_TAG = /^(flotilla[:_.-])?(protected|do[_-]?not[_-]?stop|keep[_-]?running)$/i;
const DENIED = ['', 'false', 'no', '0', 'off'];

/** The tag that protects this machine; null: none. */
export function protectionTag(tags: Readonly<Record<string, string>>): string | null {
  const found = Object.entries(tags).find(
    ([key, value]) => PROTECTION_TAG.test(key) && !DENIED.includes(value.trim().toLowerCase()),
  );
  return found?.[0] ?? null;
}

/** What is known of the machine and its surroundings, apart from what it does. */
export function factChecks(evidence: StopEvidence, settings: StopGateSettings): Finding[] {
  return [
    state(evidence),
    protection(evidence),
    openAction(evidence),
    maintenance(evidence),
    recentStart(evidence, settings),
    localDisks(evidence, settings),
    autoScaling(evidence),
    spot(evidence, settings),
    commitment(evidence, settings),
  ];
}

function state({ machine }: StopEvidence): Finding {
  if (machine.state === 'running') return pass('state', 'It runs.');
  if (machine.state === 'unknown') return unknown('state', 'Nobody knows whether it runs.');
  return refuse('state', `It is ${machine.state}: there is nothing to stop.`);
}

function protection({ machine }: StopEvidence): Finding {
  if (machine.protected) return refuse('protection', 'It is protected; only an admin takes that back.');
  const tag = protectionTag(machine.tags);
  if (tag !== null)
    return refuse('protection', `Its tag "${tag}" protects it; take the tag away if it may be stopped.`);
  return pass('protection', 'Nobody protected it.');
}

function openAction({ openAction: open }: StopEvidence): Finding {
  if (!open) return pass('open_action', 'No other action of it is open.');
  return refuse('open_action', `Action ${open.id} of it is ${open.status}; wait for it or cancel it.`);
}

function maintenance({ maintenance: open }: StopEvidence): Finding {
  if (!open) return pass('maintenance', 'No maintenance window holds enforcement back.');
  return refuse(
    'maintenance',
    `The maintenance window "${open.name}" holds enforcement back until ${iso(open.endsAtMs)}.`,
  );
}

function recentStart({ atMs, machine }: StopEvidence, { minRunningMinutes }: StopGateSettings): Finding {
  const since = machine.stateSinceMs;
  if (machine.state !== 'running') return pass('recent_start', 'It does not run.');
  if (since === null) return unknown('recent_start', 'Nobody knows since when it runs.');
  const minutes = Math.floor((atMs - since) / 60_000);
  if (minutes >= minRunningMinutes) return pass('recent_start', `It runs since ${iso(since)}.`);
  return refuse(
    'recent_start',
    `It runs for ${minutes} minutes only (since ${iso(since)}); it is left alone for the first ${minRunningMinutes}.`,
  );
}

function localDisks({ machine }: StopEvidence, settings: StopGateSettings): Finding {
  const { localDisks: said, cloudProvider, instanceType } = machine;
  if (said === 'none') return pass('local_disks', 'It is said to have no disk that a stop erases.');
  if (said === 'disposable') return pass('local_disks', 'Its local disks are said to hold nothing that must be kept.');
  const lost = 'whose content is gone for good when it stops';
  const may = settings.localDisks === 'allow';
  if (said === 'erased') return refuse('local_disks', `It has local disks ${lost}.`, may);
  if (cloudProvider === 'on_prem')
    return pass('local_disks', 'An owned machine keeps its disks when it is switched off.');
  const type = instanceType === null ? null : instanceTypeOf(cloudProvider, instanceType);
  if (type?.hasInstanceStore === false)
    return pass('local_disks', `A ${instanceType} has no instance store (${type.source}).`);
  if (type?.hasInstanceStore === true) {
    return refuse('local_disks', `It is a ${instanceType} with local disks ${lost} (${type.source}).`, may);
  }
  const what =
    instanceType === null ? 'Its type is not known' : `Nobody knows whether a ${instanceType} has local disks`;
  return unknown(
    'local_disks',
    `${what}, so a stop may erase data. Say it with PATCH /instances/:id {"local_disks": "none"}.`,
    settings.unknownDisks === 'allow',
  );
}

function autoScaling({ machine }: StopEvidence): Finding {
  const group = machine.autoScalingGroup ?? machine.tags['aws:autoscaling:groupName'] ?? null;
  if (group === null) return pass('auto_scaling', 'It is not known to belong to a scaling group.');
  return refuse(
    'auto_scaling',
    `It belongs to the scaling group ${group}, which replaces a stopped machine by a new one and terminates it; scale the group instead.`,
  );
}

function spot({ machine }: StopEvidence, settings: StopGateSettings): Finding {
  if (machine.lifecycle === 'spot') {
    return refuse(
      'spot',
      'It is a spot machine: one-time ones cannot be stopped at all, and the others may find no capacity when they are to start again.',
      settings.spot === 'allow',
    );
  }
  if (machine.lifecycle === null && machine.cloudProvider !== 'on_prem') {
    return unknown('spot', 'Nobody said how it is paid for; whoever stops it in the cloud asks again.');
  }
  return pass('spot', 'It is no spot machine.');
}

function commitment({ machine, commitment: bill }: StopEvidence, settings: StopGateSettings): Finding {
  const may = settings.committed === 'allow';
  if (machine.lifecycle === 'reserved') {
    return refuse(
      'commitment',
      'It runs on reserved capacity, which is paid whether it runs or not: stopping it saves nothing.',
      may,
    );
  }
  if (machine.cloudProvider === 'on_prem') {
    return pass(
      'commitment',
      'It is an owned machine: a stop saves power, and its price only where its tag billing_model says so.',
    );
  }
  if (!bill) return unknown('commitment', 'No bill tells whether it runs on capacity that was paid in advance.');
  const percent = Math.round(bill.share * 100);
  if (bill.share >= 0.5) {
    return refuse(
      'commitment',
      `A commitment covers ${percent} % of its time by the bill of ${bill.asOf}: stopping it saves nothing unless something else uses that.`,
      may,
    );
  }
  return pass('commitment', `A commitment covers ${percent} % of its time by the bill of ${bill.asOf}.`);
}

const iso = (ms: number) => new Date(ms).toISOString();
