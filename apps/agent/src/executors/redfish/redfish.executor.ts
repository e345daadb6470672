import { readFileSync } from 'node:fs';
import type { ActionVerb } from '@flotilla/domain';
import { HttpFailure } from '@flotilla/providers/http';
import { RedfishClient, RedfishError } from '@flotilla/providers/redfish';
import type { ComputerSystem, ResetType } from '@flotilla/providers/redfish';
import { endOfStep } from '../act-end.js';
import { coversByName, limitsOf, protectionOf } from '../control-settings.js';
import type { ActContext, ActEnd, ActionOffer, Executor, NoPlan, Observation, Plan, StepAnswer } from '../executor.js';
import type { ExecutorTools } from '../kinds.js';
import type { RedfishControl } from './settings.js';

/** Looks at a task, or whether the machine is off, so often. */
const LOOK_MS = 2_000;
const TASK_LOOKS = 15;

/** @throws Error when a file cannot be read */
export function createRedfishExecutor(control: RedfishControl, { clock }: ExecutorTools): Executor {
  const clients = new Map<string, RedfishClient>();
  for (const bmc of control.bmcs) {
    if (clients.has(bmc.instance)) throw new Error(`two BMCs are named for ${bmc.instance}`);
    const password = () => readFileSync(bmc.password_file, 'utf8').replace(/\r?\n$/, '');
    password();
    const { user, auth, system, fingerprint_sha256: pin, ca_file: ca } = bmc;
    const client = new RedfishClient({
      url: new URL(bmc.url),
      tls: { ...(pin ? { fingerprint256: pin } : {}), ...(ca ? { caPem: readFileSync(ca, 'utf8') } : {}) },
      user,
      password,
      auth,
      ...(system ? { system } : {}),
      nowMs: () => clock.nowMs(),
    });
    clients.set(bmc.instance, client);
  }
  return new RedfishExecutor(control, clients);
}

/** Switches machines on, and off as their operating system allows; by force only where that is configured. */
class RedfishExecutor implements Executor {
  readonly control;

  constructor(
    private readonly settings: RedfishControl,
    private readonly clients: ReadonlyMap<string, RedfishClient>,
  ) {
    this.control = {
      kind: 'redfish',
      verbs: settings.verbs as readonly ActionVerb[],
      instanceIds: [...clients.keys()],
      scope: {},
      level: 'power' as const,
    };
  }

  covers(offer: ActionOffer): boolean {
    return coversByName('redfish', this.control.instanceIds, offer);
  }

  async plan(offer: ActionOffer, signal: AbortSignal): Promise<Plan | NoPlan> {
    const { verb, instanceId } = offer;
    if (verb !== 'start' && verb !== 'stop') return { refused: `Redfish knows no ${verb}` };
    const client = this.clients.get(instanceId);
    if (!client) return { refused: `no BMC is configured for ${instanceId}` };
    const system = await client.system(signal);
    const types = this.resetTypes(verb, system);
    if (types.length === 0) return { refused: this.noWay(verb, system) };
    const { settings } = this;
    const limits = limitsOf(settings);
    const forceMs = types.includes('ForceOff') ? (settings.force_off_after_s ?? 0) * 1000 : 0;
    const model = system.model ? ` (${system.model})` : '';
    return {
      what: `${verb === 'stop' ? 'shut down' : 'switch on'} ${instanceId === 'self' ? 'this machine' : instanceId}${model} through its BMC by ${types.join(', then ')}`,
      desired: verb === 'start' ? 'running' : 'stopped',
      protection: protectionOf(settings),
      ...limits,
      timeoutMs: limits.timeoutMs + forceMs,
      endsHost: instanceId === 'self' && verb === 'stop',
      observe: (aborted) => observe(client, aborted),
      act: (context) => this.act(client, system, types, context),
    };
  }

  /** What is asked for, in order; none: there is no way that is allowed. */
  private resetTypes(verb: 'start' | 'stop', { resetPath, resetTypes: known }: ComputerSystem): readonly ResetType[] {
    const knows = (type: ResetType) => resetPath !== null && (known === null || known.includes(type));
    if (verb === 'start') return knows('On') ? ['On'] : knows('ForceOn') ? ['ForceOn'] : [];
    const forced = this.settings.force_off_after_s !== undefined && knows('ForceOff');
    return [
      ...(knows('GracefulShutdown') ? (['GracefulShutdown'] as const) : []),
      ...(forced ? (['ForceOff'] as const) : []),
    ];
  }

  private noWay(verb: 'start' | 'stop', { resetPath, resetTypes }: ComputerSystem): string {
    if (resetPath === null) return 'the BMC offers no reset of this system (has the user the role Operator?)';
    const known = resetTypes?.join(', ') ?? 'nothing';
    if (verb === 'start') return `the BMC cannot switch it on: it knows ${known}`;
    return `the BMC cannot shut it down in order, it knows ${known}; taking the power away needs "force_off_after_s" in the redfish control`;
  }

  private async act(
    client: RedfishClient,
    system: ComputerSystem,
    types: readonly ResetType[],
    context: ActContext,
  ): Promise<ActEnd> {
    const [first, then] = types as readonly [ResetType, ResetType?];
    const timeoutMs = this.settings.timeout_s * 1000;
    const answer = await this.reset(client, system, first, timeoutMs, context);
    if (then === undefined || answer.how === 'refused') return endOfStep(answer);
    // it was asked in order, or refused to try: only what the machine then does counts
    const patienceMs = answer.how === 'failed' ? 0 : (this.settings.force_off_after_s ?? 0) * 1000;
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += LOOK_MS) {
      if ((await client.system(context.signal)).power === 'Off') return endOfStep(answer);
      await context.pause(Math.min(LOOK_MS, patienceMs - waitedMs));
    }
    const forced = await this.reset(client, system, then, timeoutMs, context);
    return endOfStep({
      ...forced,
      said: `${answer.said}; it was still on after ${patienceMs / 1000} s; ${forced.said}`,
    });
  }

  private reset(
    client: RedfishClient,
    system: ComputerSystem,
    type: ResetType,
    timeoutMs: number,
    context: ActContext,
  ): Promise<StepAnswer> {
    return context.request({
      name: type,
      timeoutMs,
      // a second one would meet whoever switched it since
      repeat: 'never',
      send: async (_token, signal) => {
        try {
          const { task } = await client.reset(system, type, signal);
          if (task === null) return { how: 'done', said: `the BMC took ${type}` };
          const failure = await failureOf(client, task, context, signal);
          if (failure !== null) return { how: 'failed', said: failure };
          return { how: 'done', said: `the BMC took ${type} as a task` };
        } catch (error) {
          return answerFor(error);
        }
      },
    });
  }
}

/** How the BMC's task failed; null: it has not, or the BMC has forgotten it: the power itself will tell. */
async function failureOf(
  client: RedfishClient,
  task: string,
  context: ActContext,
  signal: AbortSignal,
): Promise<string | null> {
  for (let n = 0; n < TASK_LOOKS; n++) {
    const { state, said } = await client.task(task, signal).catch(() => ({ state: 'done' as const, said: '' }));
    if (state !== 'running') return state === 'failed' ? said : null;
    await context.pause(LOOK_MS);
  }
  return null;
}

async function observe(client: RedfishClient, signal: AbortSignal): Promise<Observation> {
  const { power, health } = await client.system(signal);
  const detail = `the BMC says PowerState ${power}${health && health !== 'OK' ? `, health ${health}` : ''}`;
  if (power === 'On') return { state: 'running', detail };
  if (power === 'Off') return { state: 'stopped', detail };
  return { state: 'unverified', detail, onItsWay: power === 'PoweringOn' || power === 'PoweringOff' };
}

function answerFor(error: unknown): StepAnswer {
  if (error instanceof RedfishError) {
    const said = `the BMC said ${error.status}${error.messageId ? ` ${error.messageId}` : ''}: ${error.message}`;
    if (error.status === 401 || error.status === 403) return { how: 'refused', said };
    return { how: error.status >= 500 && error.status !== 503 ? 'uncertain' : 'failed', said };
  }
  if (error instanceof HttpFailure) {
    return error.mayHaveArrived
      ? { how: 'uncertain', said: `whether the BMC took it is not known: ${error.message}` }
      : { how: 'failed', said: `the BMC was not reached, so nothing was done: ${error.message}` };
  }
  return { how: 'uncertain', said: error instanceof Error ? error.message : String(error) };
}
