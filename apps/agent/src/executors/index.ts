import type { ControlSettings } from '../config/schema.js';
import { CommandExecutor } from './command/command.executor.js';
import type { Executor } from './executor.js';
import { SystemdExecutor } from './systemd/systemd.executor.js';

/** The executors that the configuration asks for, in its order: the first that covers an offer carries it out. */
export function createExecutors(
  controls: readonly ControlSettings[],
  env: Readonly<Record<string, string>>,
): Executor[] {
  return controls.map((control) => {
    const common = {
      instances: control.instances,
      timeoutMs: control.timeout_s * 1000,
      graceMs: control.grace_s * 1000,
      verifyMs: control.verify_s * 1000,
      protected: control.protected,
    };
    if (control.kind === 'systemd') {
      const { systemctl, units, verbs } = control;
      return new SystemdExecutor({ ...common, systemctl, units, verbs, env });
    }
    const { level, start, stop, check, cwd } = control;
    return new CommandExecutor({
      ...common,
      level,
      cwd,
      env: { ...env, ...control.env },
      ...(start ? { start } : {}),
      ...(stop ? { stop } : {}),
      ...(check ? { check } : {}),
    });
  });
}
