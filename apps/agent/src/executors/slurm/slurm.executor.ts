import { hostname } from 'node:os';
import { endOfStep } from '../act-end.js';
import { coversByName, limitsOf, protectionOf } from '../control-settings.js';
import type { ActContext, ActEnd, ActionOffer, Executor, NoPlan, Observation, Plan, StepAnswer } from '../executor.js';
import type { ExecutorTools } from '../kinds.js';
import { probe } from '../probe.js';
import { powerOf, readNode, workloadOf } from './node.js';
import type { SlurmNode } from './node.js';
import type { SlurmControl } from './settings.js';

/** slurmctld answers within milliseconds, or after its own MessageTimeout (10 s) not at all. */
const CALL_MS = 15_000;
/** What a node that the agent drained says as its reason, with the action's id behind it. */
const MARK = 'flotilla ';

export const createSlurmExecutor = (control: SlurmControl, { commandEnv }: ExecutorTools): Executor =>
  new SlurmExecutor(control, commandEnv);

/** Drains and resumes a node, or switches it by Slurm's power saving, by scontrol; jobs end by themselves. */
class SlurmExecutor implements Executor {
  readonly control;
  private readonly env: Readonly<Record<string, string>>;

  constructor(
    private readonly settings: SlurmControl,
    env: Readonly<Record<string, string>>,
  ) {
    const { instances, level, nodes, verbs, slurm_conf: conf } = settings;
    this.control = {
      kind: 'slurm',
      verbs,
      instanceIds: [...new Set([...instances, ...Object.keys(nodes)])],
      scope: {},
      level,
    };
    this.env = conf ? { ...env, SLURM_CONF: conf } : env;
  }

  covers(offer: ActionOffer): boolean {
    return coversByName('slurm', this.control.instanceIds, offer);
  }

  async plan(offer: ActionOffer): Promise<Plan | NoPlan> {
    const { verb, force } = offer;
    if (verb !== 'start' && verb !== 'stop') return { refused: `slurm knows no ${verb}` };
    const node = this.nodeOf(offer.instanceId);
    if (!node) return { refused: `the configuration names no Slurm node for ${offer.instanceId}` };
    const seen = await this.look(node);
    const foreign = this.settings.level === 'workload' && verb === 'start' && !force ? drainedByOthers(seen) : null;
    if (foreign !== null) {
      return {
        refused: `somebody else drained node ${node} (reason: ${foreign}); resume it with scontrol, or ask with force`,
      };
    }
    const cancels = verb === 'stop' && force && this.settings.forced === 'cancel';
    const act = (context: ActContext) => this.act(verb, node, cancels, context);
    return {
      what: this.words(verb, node, cancels),
      desired: verb === 'start' ? 'running' : 'stopped',
      protection: protectionOf(this.settings),
      ...limitsOf(this.settings),
      // slurmctld switches the host off some time after it was told to, and goes on to say how it stands
      endsHost: false,
      observe: () => this.observe(node),
      act,
      resume: act,
      rehearse: async () => ({ allowed: null, detail: 'whether this user may change nodes cannot be asked of Slurm' }),
    };
  }

  private nodeOf(instanceId: string): string | null {
    const { node, nodes } = this.settings;
    if (instanceId === 'self') return node ?? hostname().split('.')[0] ?? null;
    return nodes[instanceId] ?? null;
  }

  private words(verb: 'start' | 'stop', node: string, cancels: boolean): string {
    if (this.settings.level === 'power') {
      return verb === 'start'
        ? `power up node ${node}`
        : `power down node ${node}${cancels ? ' and cancel its jobs' : ' once its jobs have ended'}`;
    }
    if (verb === 'start') return `resume node ${node}`;
    return `drain node ${node}${cancels ? ' and cancel its jobs' : ' and wait for its jobs'}`;
  }

  private async observe(node: string): Promise<Observation> {
    const seen = await this.look(node);
    if (this.settings.level === 'power') return powerOf(seen);
    const jobs = await this.call(this.settings.squeue, '-h', '-w', node, '-o', '%i');
    if (jobs.exitCode !== 0) return { state: 'unverified', detail: `squeue: ${said(jobs)}` };
    return workloadOf(
      seen,
      jobs.output.split(/\s+/).filter((id) => id !== ''),
    );
  }

  /** @throws Error in Slurm's own words */
  private async look(node: string): Promise<SlurmNode> {
    const end = await this.call(this.settings.scontrol, '-o', 'show', 'node', node);
    const seen = end.exitCode === 0 ? readNode(end.output) : null;
    if (!seen) throw new Error(`scontrol show node ${node}: ${said(end)}`);
    return seen;
  }

  private async act(verb: 'start' | 'stop', node: string, cancels: boolean, context: ActContext): Promise<ActEnd> {
    const power = this.settings.level === 'power';
    const state = power ? powerState(verb, cancels) : verb === 'start' ? 'resume' : 'drain';
    const reason = state === 'drain' ? [`reason=${MARK}${context.actionId}`] : [];
    const updated = await this.request(context, state, this.settings.scontrol, [
      'update',
      `nodename=${node}`,
      `state=${state}`,
      ...reason,
    ]);
    if (updated.how !== 'done' || power || !cancels) return endOfStep(updated);
    const cancelled = await this.request(context, 'cancel-jobs', this.settings.scancel, [`--nodelist=${node}`]);
    return endOfStep(
      cancelled.how === 'done' ? { ...cancelled, said: `${updated.said}; ${cancelled.said}` } : cancelled,
    );
  }

  /** Each names a state and not a change, so a second one does what the first did. */
  private request(context: ActContext, name: string, file: string, args: readonly string[]): Promise<StepAnswer> {
    return context.request({
      name,
      timeoutMs: CALL_MS + 1_000,
      repeat: 'safe',
      send: async () => {
        const end = await this.call(file, ...args);
        if (end.exitCode === 0) return { how: 'done', said: `Slurm took ${name}` };
        if (end.exitCode === null) return { how: 'uncertain', said: `${file} did not end within ${CALL_MS / 1000} s` };
        const denied = /permission denied|not authorized/i.test(end.output);
        const mend = denied ? ' (the user of the agent has to be a Slurm operator, or SlurmUser)' : '';
        return { how: denied ? 'refused' : 'failed', said: `${name}: ${said(end)}${mend}` };
      },
    });
  }

  private call(file: string, ...args: string[]) {
    return probe([file, ...args], { env: this.env, cwd: '/', timeoutMs: CALL_MS });
  }
}

/** Jobs are waited for (ASAP: no new ones begin) unless they are to be cancelled. */
const powerState = (verb: 'start' | 'stop', cancels: boolean) =>
  verb === 'start' ? 'power_up' : cancels ? 'power_down_force' : 'power_down_asap';

/** The reason of a drain that is not ours; null: not drained, or by us. */
function drainedByOthers({ states, reason }: SlurmNode): string | null {
  const drained = ['DRAIN', 'DRAINED', 'DRAINING'].some((word) => states.has(word));
  return drained && !reason.startsWith(MARK) ? reason || 'none was given' : null;
}

const said = ({ exitCode, output }: { exitCode: number | null; output: string }) =>
  output.slice(0, 500) ||
  (exitCode === null ? 'it could not be started or did not answer in time' : `exit code ${exitCode}`);
