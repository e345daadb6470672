import { systemClock } from '../clock.js';
import { environmentOfProcess } from '../config/env.js';
import { lookAtControls } from '../executors/host-view.js';
import type { ControlView } from '../executors/host-view.js';
import { silentLog } from '../log.js';
import type { Command } from './command.js';
import { say } from './say.js';

/** Every control of the configuration with a dry run of each of its verbs. */
export const controls: Command = async ({ settings, line: { flags } }) => {
  const { controls: configured, commandEnv } = settings();
  const tools = { commandEnv, environment: environmentOfProcess(), clock: systemClock, log: silentLog };
  const views = await lookAtControls(configured, tools);
  if (flags.json) say(JSON.stringify(views, null, 2));
  else if (views.length === 0) say('no control is configured: nobody can start or stop anything through this agent');
  else for (const [at, view] of views.entries()) say(textOf(at, view));
  const bad = views.some(
    ({ trouble, dryRuns }) => trouble !== null || dryRuns.some(({ outcome }) => outcome.outcome !== 'succeeded'),
  );
  return bad ? 1 : 0;
};

function textOf(at: number, { kind, level, instances, trouble, dryRuns }: ControlView): string {
  if (trouble !== null) return `controls[${at}] ${kind}: cannot be used: ${trouble}`;
  const lines = dryRuns.map(({ verb, instance, outcome }) => `  ${verb} ${instance}: ${outcome.message}`);
  const scope = instances.length === 0 ? ', by its scope' : '';
  return [`controls[${at}] ${kind} (${level}${scope})`, ...lines].join('\n');
}
