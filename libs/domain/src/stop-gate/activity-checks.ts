import type { ProcessEvidence, StopEvidence } from './evidence.js';
import { pass, refuse, unknown } from './finding.js';
import type { Finding } from './finding.js';
import { activityOf, countedParts, emptyMemory } from './machine-class.js';
import type { Classified } from './machine-class.js';
import type { StopGateSettings } from './settings.js';

/** How old a list of processes may be; agents read and report it once a minute. Seconds. */
export const PROCESS_LIST_FRESH_S = 180;
/** The newest minute of the window may be this old; a machine that has just fallen silent may have begun to work. Seconds. */
export const EVIDENCE_FRESH_S = 300;

/** What the machine does. */
export function activityChecks(
  evidence: StopEvidence,
  classified: Classified,
  settings: StopGateSettings,
  belowPercent: number,
): Finding[] {
  return [
    coverage(evidence, settings),
    activity(evidence, classified),
    processes(evidence, settings, belowPercent),
    modelServer(evidence, classified, settings),
    jobs(evidence),
  ];
}

const hasNoGpu = ({ gpus, hostCoverage, machine }: StopEvidence) =>
  gpus.length === 0 && (machine.gpuCount ?? 0) === 0 && hostCoverage !== null;

function coverage(evidence: StopEvidence, { minCoverage }: StopGateSettings): Finding {
  const { gpus, hostCoverage, machine, window, atMs } = evidence;
  const span = `from ${iso(window.fromMs)} to ${iso(window.toMs)}`;
  if (atMs - window.toMs > EVIDENCE_FRESH_S * 1000) {
    return unknown('coverage', `What is known of it ends at ${iso(window.toMs)}; nobody knows what it does since.`);
  }
  const whole = gpus.filter(({ parentUuid }) => parentUuid === null);
  if (whole.length === 0 && !hasNoGpu(evidence)) {
    return unknown('coverage', `Nothing was measured of its GPUs ${span}. Run an agent on it.`);
  }
  if (whole.length < (machine.gpuCount ?? 0)) {
    return unknown('coverage', `Only ${whole.length} of its ${machine.gpuCount} GPUs report.`);
  }
  const worst = whole.length === 0 ? (hostCoverage ?? 0) : Math.min(...countedParts(gpus).map((gpu) => gpu.coverage));
  const found = `${floorPercent(worst)} % of the time ${span} is measured`;
  if (worst >= minCoverage) return pass('coverage', `${found}.`);
  return refuse('coverage', `Only ${found}; ${floorPercent(minCoverage)} % are needed, and a gap is not idleness.`);
}

function activity(evidence: StopEvidence, classified: Classified): Finding {
  if (hasNoGpu(evidence)) return pass('activity', 'It has no GPU; what its processor does is for the policy to ask.');
  switch (classified.class) {
    case 'busy':
    case 'underused':
      return refuse('activity', classified.reason);
    case 'unknown':
      return unknown('activity', classified.reason);
    default:
      return pass('activity', classified.reason);
  }
}

function processes(evidence: StopEvidence, settings: StopGateSettings, belowPercent: number): Finding {
  const { processes: known, atMs, window } = evidence;
  if (hasNoGpu(evidence)) return pass('processes', 'It has no GPU.');
  if (!known || atMs - known.atMs > PROCESS_LIST_FRESH_S * 1000) {
    const empty = countedParts(evidence.gpus);
    const said = known ? `its list of processes is from ${iso(known.atMs)}` : 'no list of its processes is reported';
    if (empty.length > 0 && empty.every((gpu) => emptyMemory(gpu) === true)) {
      return pass('processes', `No process holds GPU memory (${said}, and the memory is empty).`);
    }
    return unknown(
      'processes',
      `Nobody knows which processes compute on it: ${said}, and its GPU memory is not known to be empty.`,
      settings.unknownProcesses === 'allow',
    );
  }
  const notIdle = known.list.flatMap((one) => whyNotSeenIdle(one, evidence, window.fromMs, belowPercent) ?? []);
  if (notIdle.length > 0) {
    const more = notIdle.length > 3 ? `, and ${notIdle.length - 3} more` : '';
    return refuse('processes', `Not seen idle: ${notIdle.slice(0, 3).join('; ')}${more}.`);
  }
  const count = known.list.length;
  return pass(
    'processes',
    count === 0
      ? 'No process computes on it.'
      : `${count} process${count === 1 ? '' : 'es'} on its GPUs, seen idle all the time.`,
  );
}

function whyNotSeenIdle(
  one: ProcessEvidence,
  evidence: StopEvidence,
  fromMs: number,
  belowPercent: number,
): string | null {
  const who = `${one.name || 'a process'} (pid ${one.pid})`;
  if (one.startedAtMs !== null && one.startedAtMs > fromMs) return `${who} began at ${iso(one.startedAtMs)}`;
  if (one.smPercent !== null && one.smPercent >= belowPercent)
    return `${who} keeps ${one.smPercent} % of the cores busy`;
  const gpu = evidence.gpus.find(({ uuid }) => uuid === one.device);
  const seen = gpu && (activityOf(gpu) ?? parentActivity(evidence, gpu.parentUuid));
  if (!seen) return `${who} computes on ${one.device || 'a GPU'}, whose activity is not reported`;
  return null;
}

function parentActivity({ gpus }: StopEvidence, parentUuid: string | null) {
  const parent = gpus.find(({ uuid }) => uuid === parentUuid);
  return parent ? activityOf(parent) : null;
}

function modelServer(evidence: StopEvidence, classified: Classified, settings: StopGateSettings): Finding {
  const calls = evidence.callsServed;
  if (calls !== null && calls > 0) {
    return refuse('model_server', `It answered ${calls} calls to models since ${iso(evidence.window.fromMs)}.`);
  }
  if (classified.class === 'parked') {
    const traffic = calls === 0 ? ' No call was answered in that time.' : '';
    return refuse(
      'model_server',
      `It is parked, not empty: ${classified.reason}${traffic} Whoever loaded that waits for calls.`,
      settings.parked === 'allow',
    );
  }
  if (classified.class === 'unknown' && !hasNoGpu(evidence)) {
    return unknown('model_server', 'Nobody knows whether a model is loaded on it.');
  }
  return pass('model_server', 'No loaded model waits on it for calls.');
}

function jobs(evidence: StopEvidence): Finding {
  const { machine, processes: known, atMs } = evidence;
  const owned = known?.list.find((one) => one.slurmJobId !== null || one.pod !== null);
  if (owned) {
    const what = owned.slurmJobId !== null ? `Slurm job ${owned.slurmJobId}` : `pod ${owned.pod}`;
    return refuse(
      'jobs',
      `The ${what} holds its GPUs (${owned.name || 'a process'}, pid ${owned.pid}); drain the node instead.`,
    );
  }
  const node = machine.slurmNode ?? machine.kubernetesNode;
  if (node === null) return pass('jobs', 'It is not known to be a node of a cluster, and no job holds its GPUs.');
  if (!known || atMs - known.atMs > PROCESS_LIST_FRESH_S * 1000) {
    return unknown('jobs', `It is the node ${node} of a cluster, and nobody reports which jobs run on it.`);
  }
  return pass('jobs', `It is the node ${node} of a cluster, and no job holds its GPUs.`);
}

const iso = (ms: number) => new Date(ms).toISOString();
/** Rounded down, so that 89.99 % does not read as 90 %. */
const floorPercent = (part: number) => Math.floor(part * 1000) / 10;
