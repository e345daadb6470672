import { coversByName, limitsOf, protectionOf } from '../control-settings.js';
import type { ActContext, ActEnd, ActionOffer, Executor, NoPlan, Observation, Plan, StepAnswer } from '../executor.js';
import { Engine, NotSentError, wordsOf } from './engine.js';
import type { ContainerSeen } from './engine.js';
import type { ContainerControl } from './settings.js';

/** A container that carries it is not acted on, whoever asks. */
const PROTECTED_LABEL = 'flotilla.protected';
/** Beyond the grace, for the engine to kill, clean up and answer. */
const ANSWER_MS = 15_000;
const LOOK_MS = 10_000;

export const createContainerExecutor = (control: ContainerControl): Executor => new ContainerExecutor(control);

/** Starts and stops containers through the Engine API of Docker or Podman; the containers of an offer are not asked for. */
class ContainerExecutor implements Executor {
  readonly control;
  private readonly engine: Engine;

  constructor(private readonly settings: ContainerControl) {
    const { kind, verbs, instances } = settings;
    this.control = { kind, verbs, instanceIds: instances, scope: {}, level: 'workload' as const };
    this.engine = new Engine(settings.socket);
  }

  covers(offer: ActionOffer): boolean {
    return coversByName(this.settings.kind, this.settings.instances, offer);
  }

  async plan({ verb }: ActionOffer, signal: AbortSignal): Promise<Plan | NoPlan> {
    if (verb !== 'start' && verb !== 'stop') return { refused: `${this.settings.kind} knows no ${verb}` };
    const found = await this.find(signal);
    const missing = (this.settings.containers ?? []).filter((name) => !found.some((one) => one.name === name));
    if (found.length === 0 || missing.length > 0) {
      const what = missing.length > 0 ? `named ${missing.join(', ')}` : `with the label ${this.settings.label}`;
      return { refused: `there is no container ${what}` };
    }
    const names = found.map(({ name }) => name).join(' ');
    const marked = found.find(({ labels }) => labels[PROTECTED_LABEL] === 'true');
    const { timeoutMs, graceMs, verifyMs } = limitsOf(this.settings);
    const desired = verb === 'start' ? 'running' : 'stopped';
    const act = (context: ActContext) => this.act(verb, context);
    return {
      what: `${verb} container${found.length > 1 ? 's' : ''} ${names}`,
      desired,
      protection:
        protectionOf(this.settings) ??
        (marked ? `container ${marked.name} protects itself (label ${PROTECTED_LABEL}=true)` : null),
      verifyMs,
      timeoutMs,
      graceMs,
      endsHost: false,
      observe: async (until) => this.observed(await this.find(until), desired),
      act,
      resume: act,
    };
  }

  private async find(signal: AbortSignal): Promise<ContainerSeen[]> {
    const { containers, label } = this.settings;
    const list = await this.engine.list(label ?? null, signal);
    return containers ? list.filter(({ name }) => containers.includes(name)) : list;
  }

  /** As desired: every one is. A container that is gone (`--rm`) does not run. */
  private observed(found: readonly ContainerSeen[], desired: 'running' | 'stopped'): Observation {
    const detail =
      found.map(({ name, state }) => `${name} is ${state}`).join(', ') || 'there is no such container any more';
    const running = found.filter(({ state }) => RUNNING.has(state)).length;
    if (desired === 'stopped') return { state: running === 0 ? 'stopped' : 'running', detail };
    return { state: found.length > 0 && running === found.length ? 'running' : 'stopped', detail };
  }

  /** Each container is a request of its own. What was to be acted on is written down first, for after a crash. */
  private async act(verb: 'start' | 'stop', context: ActContext): Promise<ActEnd> {
    const targets = await context.request({
      name: 'targets',
      timeoutMs: LOOK_MS,
      repeat: 'safe',
      send: async (_, signal) => ({
        how: 'done',
        said: 'looked',
        keep: JSON.stringify(await this.targets(verb, signal)),
      }),
    });
    if (targets.how !== 'done') return endOf([{ ...targets, how: 'failed' }]);
    const answers: StepAnswer[] = [];
    for (const [id, startedAt] of JSON.parse(targets.keep ?? '[]') as Target[]) {
      answers.push(
        await context.request({
          name: `${verb}-${id}`,
          timeoutMs: (verb === 'stop' ? this.settings.grace_s * 1000 : 0) + ANSWER_MS,
          // asks for a state and not for a change; and not when somebody started it again since
          repeat: 'safe',
          send: (_, signal) => this.send(verb, id, startedAt, signal),
        }),
      );
    }
    return endOf(answers);
  }

  private async targets(verb: 'start' | 'stop', signal: AbortSignal): Promise<Target[]> {
    const found = await this.find(signal);
    const wrong = found.filter(({ state }) => RUNNING.has(state) === (verb === 'stop')).slice(0, MOST_TARGETS);
    const seen = wrong.map(async ({ id }) => [id.slice(0, 12), await this.engine.startedAt(id, signal)] as const);
    return (await Promise.all(seen)).flatMap(([id, at]) => (at === null ? [] : [[id, at] as const]));
  }

  private async send(verb: 'start' | 'stop', id: string, startedAt: string, signal: AbortSignal): Promise<StepAnswer> {
    try {
      if ((await this.engine.startedAt(id, signal)) !== startedAt) {
        return { how: 'failed', said: `container ${id} was started again or removed by somebody else meanwhile` };
      }
      const grace = verb === 'stop' ? `?t=${Math.ceil(this.settings.grace_s)}` : '';
      const answer = await this.engine.call('POST', `/containers/${id}/${verb}${grace}`, signal);
      const { status } = answer;
      if (status === 204 || status === 200) return { how: 'done', said: `the engine did ${verb} ${id}` };
      if (status === 304) return { how: 'done', said: `${id} was so already` };
      const said = `the engine answered ${status} for ${id}: ${wordsOf(answer)}`;
      return { how: status === 401 || status === 403 ? 'refused' : 'failed', said };
    } catch (error) {
      if (error instanceof NotSentError) return { how: 'failed', said: error.message };
      throw error;
    }
  }
}

/** The short id of a container, and what tells this run of it from a later one. */
type Target = readonly [id: string, startedAt: string];

/** So many fit in what the journal keeps of an answer. */
const MOST_TARGETS = 75;
/** States in which it holds its GPUs. */
const RUNNING = new Set(['running', 'paused', 'restarting', 'stopping']);

/** The end of several requests is that of the worst of them. */
function endOf(answers: readonly StepAnswer[]): ActEnd {
  const order = ['done', 'refused', 'failed', 'uncertain'] as const;
  const worst = answers.reduce<StepAnswer>((a, b) => (order.indexOf(b.how) > order.indexOf(a.how) ? b : a), {
    how: 'done',
    said: 'nothing was left to do',
  });
  const said = worst.how === 'done' ? answers.map((answer) => answer.said).join('; ') || worst.said : worst.said;
  const how = worst.how === 'refused' && answers.length > 1 ? 'failed' : worst.how;
  return { how, said, exitCode: null, output: '', outputTruncated: false, mayStillWork: how === 'uncertain' };
}
