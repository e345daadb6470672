import type { ActionVerb } from '@flotilla/domain';
import type { ActionOffer, CommandEnd, Executor, Observation, Plan } from '../executor.js';
import { probe } from '../probe.js';

/** A `systemd` control of the configuration file. */
export interface SystemdSettings {
  /** "self" or provider ids. */
  readonly instances: readonly string[];
  /** Units that are acted on together, for example `train.service`. */
  readonly units: readonly [string, ...string[]];
  readonly verbs: readonly ActionVerb[];
  readonly systemctl: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly verifyMs: number;
  readonly protected: boolean;
}

const CHECK_TIMEOUT_MS = 10_000;

/** Starts and stops the configured units through systemctl; the units of an offer are not asked for. */
export class SystemdExecutor implements Executor {
  readonly control;

  constructor(private readonly settings: SystemdSettings) {
    const { verbs, instances } = settings;
    this.control = { kind: 'systemd', verbs, instanceIds: instances, scope: {}, level: 'workload' as const };
  }

  covers(offer: ActionOffer): boolean {
    const { instances } = this.settings;
    return ['', 'systemd', 'self'].includes(offer.controlKind) && instances.includes(offer.instanceId);
  }

  plan(offer: ActionOffer): Plan | { readonly refused: string } {
    const { verb } = offer;
    if (verb !== 'start' && verb !== 'stop') return { refused: `systemd knows no ${verb}` };
    const { settings } = this;
    const { systemctl, units, env, timeoutMs, graceMs } = settings;
    return {
      what: `systemctl ${verb} ${units.join(' ')}`,
      desired: verb === 'start' ? 'running' : 'stopped',
      protection: settings.protected ? "this host's configuration protects it: it may not be acted on" : null,
      verifyMs: settings.verifyMs,
      timeoutMs,
      graceMs,
      endsHost: false,
      observe: () => this.observe(),
      act: (context): Promise<CommandEnd> =>
        context.command({ argv: [systemctl, verb, '--', ...units], env, cwd: '/', timeoutMs, graceMs }),
    };
  }

  /** Running: every unit is active. Stopped: none is active or on its way. In between it cannot be told yet. */
  private async observe(): Promise<Observation> {
    const { systemctl, units, env } = this.settings;
    const { output, exitCode } = await probe([systemctl, 'is-active', '--', ...units], {
      env,
      cwd: '/',
      timeoutMs: CHECK_TIMEOUT_MS,
    });
    // one word a unit; exit code 0 when at least one is active
    const words = output.split(/\s+/).filter((word) => word !== '');
    const detail = `is-active said ${words.join(', ').slice(0, 200) || `nothing (exit code ${exitCode ?? 'none'})`}`;
    if (words.length !== units.length) return { state: 'unverified', detail };
    if (words.every((word) => word === 'active' || word === 'reloading')) return { state: 'running', detail };
    if (words.every((word) => word === 'inactive' || word === 'failed')) return { state: 'stopped', detail };
    return { state: 'unverified', detail };
  }
}
