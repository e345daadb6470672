import { endOfCommand } from '../act-end.js';
import { coversByName, limitsOf, protectionOf } from '../control-settings.js';
import type { ActionOffer, Executor, NoPlan, Observation, Plan } from '../executor.js';
import type { ExecutorTools } from '../kinds.js';
import { probe } from '../probe.js';
import type { SystemdControl } from './settings.js';

const CHECK_TIMEOUT_MS = 10_000;

export const createSystemdExecutor = (control: SystemdControl, { commandEnv }: ExecutorTools): Executor =>
  new SystemdExecutor(control, commandEnv);

/** Starts and stops the configured units through systemctl; the units of an offer are not asked for. */
class SystemdExecutor implements Executor {
  readonly control;

  constructor(
    private readonly settings: SystemdControl,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    const { verbs, instances } = settings;
    this.control = { kind: 'systemd', verbs, instanceIds: instances, scope: {}, level: 'workload' as const };
  }

  covers(offer: ActionOffer): boolean {
    return coversByName('systemd', this.settings.instances, offer);
  }

  async plan({ verb }: ActionOffer): Promise<Plan | NoPlan> {
    if (verb !== 'start' && verb !== 'stop') return { refused: `systemd knows no ${verb}` };
    const { settings, env } = this;
    const { systemctl, units } = settings;
    const { timeoutMs, graceMs, verifyMs } = limitsOf(settings);
    return {
      what: `systemctl ${verb} ${units.join(' ')}`,
      desired: verb === 'start' ? 'running' : 'stopped',
      protection: protectionOf(settings),
      verifyMs,
      timeoutMs,
      graceMs,
      endsHost: false,
      observe: () => this.observe(),
      act: async (context) =>
        endOfCommand(
          await context.command({ argv: [systemctl, verb, '--', ...units], env, cwd: '/', timeoutMs, graceMs }),
        ),
    };
  }

  /** Running: every unit is active. Stopped: none is active or on its way. In between it cannot be told yet. */
  private async observe(): Promise<Observation> {
    const { systemctl, units } = this.settings;
    const { output, exitCode } = await probe([systemctl, 'is-active', '--', ...units], {
      env: this.env,
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
