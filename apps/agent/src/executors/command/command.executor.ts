import type { ActionVerb } from '@flotilla/domain';
import { endOfCommand } from '../act-end.js';
import { coversByName, limitsOf, protectionOf } from '../control-settings.js';
import type { ActionOffer, Executor, NoPlan, Observation, Plan } from '../executor.js';
import type { ExecutorTools } from '../kinds.js';
import { probe } from '../probe.js';
import type { CommandControl } from './settings.js';

const CHECK_TIMEOUT_MS = 10_000;

export const createCommandExecutor = (control: CommandControl, { commandEnv }: ExecutorTools): Executor =>
  new CommandExecutor({ ...control, env: { ...commandEnv, ...control.env } });

/** Runs the argument arrays that the host's own configuration names: nothing of an offer ever reaches a command line. */
class CommandExecutor implements Executor {
  readonly control;

  constructor(private readonly settings: CommandControl) {
    const verbs = (['start', 'stop'] as const).filter((verb): verb is ActionVerb => settings[verb] !== undefined);
    this.control = { kind: 'command', verbs, instanceIds: settings.instances, scope: {}, level: settings.level };
  }

  covers(offer: ActionOffer): boolean {
    return coversByName('command', this.settings.instances, offer);
  }

  async plan(offer: ActionOffer): Promise<Plan | NoPlan> {
    const { settings } = this;
    const argv = offer.verb === 'start' ? settings.start : offer.verb === 'stop' ? settings.stop : undefined;
    if (!argv) return { refused: `this host's configuration has no command for ${offer.verb}` };
    const { timeoutMs, graceMs, verifyMs } = limitsOf(settings);
    const { env, cwd } = settings;
    return {
      what: `${offer.verb} by ${argv[0]}`,
      desired: offer.verb === 'start' ? 'running' : 'stopped',
      protection: protectionOf(settings),
      verifyMs: settings.check ? verifyMs : 0,
      timeoutMs,
      graceMs,
      endsHost: settings.level === 'power' && settings.instances.includes('self'),
      observe: () => this.observe(),
      act: async (context) => endOfCommand(await context.command({ argv, env, cwd, timeoutMs, graceMs })),
    };
  }

  private async observe(): Promise<Observation> {
    const { check, env, cwd } = this.settings;
    if (!check) return { state: 'unverified', detail: 'no check command is configured' };
    const { exitCode, output } = await probe(check, { env, cwd, timeoutMs: CHECK_TIMEOUT_MS });
    const said = `the check ended with ${exitCode ?? 'no exit code'}${output ? `: ${output.slice(0, 200)}` : ''}`;
    if (exitCode === 0) return { state: 'running', detail: said };
    if (exitCode === 1 || exitCode === 3) return { state: 'stopped', detail: said };
    return { state: 'unverified', detail: said };
  }
}
