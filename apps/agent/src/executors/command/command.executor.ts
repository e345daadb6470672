import type { ActionVerb, ControlLevel } from '@flotilla/domain';
import type { ActionOffer, Executor, Observation, Plan } from '../executor.js';
import { probe } from '../probe.js';

/** A `command` control of the configuration file. */
export interface CommandSettings {
  readonly level: ControlLevel;
  /** "self" or provider ids. */
  readonly instances: readonly string[];
  readonly start?: readonly [string, ...string[]];
  readonly stop?: readonly [string, ...string[]];
  /** Exit code 0: running; 1 or 3: stopped; anything else: it cannot tell. */
  readonly check?: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly verifyMs: number;
  readonly protected: boolean;
}

const CHECK_TIMEOUT_MS = 10_000;

/** Runs the argument arrays that the host's own configuration names: nothing of an offer ever reaches a command line. */
export class CommandExecutor implements Executor {
  readonly control;

  constructor(private readonly settings: CommandSettings) {
    const verbs = (['start', 'stop'] as const).filter((verb): verb is ActionVerb => settings[verb] !== undefined);
    this.control = { kind: 'command', verbs, instanceIds: settings.instances, scope: {}, level: settings.level };
  }

  covers(offer: ActionOffer): boolean {
    return ['', 'command', 'self'].includes(offer.controlKind) && this.settings.instances.includes(offer.instanceId);
  }

  plan(offer: ActionOffer): Plan | { readonly refused: string } {
    const { settings } = this;
    const argv = offer.verb === 'start' ? settings.start : offer.verb === 'stop' ? settings.stop : undefined;
    if (!argv) return { refused: `this host's configuration has no command for ${offer.verb}` };
    const { env, cwd, timeoutMs, graceMs } = settings;
    return {
      what: `${offer.verb} by ${argv[0]}`,
      desired: offer.verb === 'start' ? 'running' : 'stopped',
      protection: settings.protected ? "this host's configuration protects it: it may not be acted on" : null,
      verifyMs: settings.check ? settings.verifyMs : 0,
      timeoutMs,
      graceMs,
      endsHost: settings.level === 'power' && settings.instances.includes('self'),
      observe: () => this.observe(),
      act: (context) => context.command({ argv, env, cwd, timeoutMs, graceMs }),
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
