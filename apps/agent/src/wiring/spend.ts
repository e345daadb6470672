import { join } from 'node:path';
import { environmentOfProcess } from '../config/env.js';
import { SpendCollector } from '../spend/spend.collector.js';
import type { AgentContext } from './context.js';
import type { Part } from './part.js';

/** Costs and AI usage of providers, where the configuration asks for them. */
export function wireSpend(context: AgentContext): Part {
  const { settings, spool, clock, nowMs, intake, rejections, log } = context;
  const collector = new SpendCollector({
    settings: settings.spend,
    environment: environmentOfProcess(),
    folder: join(settings.stateDir, 'spend'),
    spool,
    clock,
    nowMs,
    random: Math.random,
    log,
    state: intake.sinkOf('spend').state,
  });
  rejections.onRecord = (section, json, reason) => collector.rejected(section, json, reason);
  return {
    name: 'spend',
    // the first sample does not wait for the clients to load
    start: () => void collector.start(),
    tick: () => collector.tick(),
    stop: () => collector.stop(),
  };
}
