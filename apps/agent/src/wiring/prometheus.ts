import { hostname } from 'node:os';
import { Readings } from '../prometheus/readings.js';
import { MetricsServer } from '../prometheus/server.js';
import { metricsText } from '../prometheus/text.js';
import { AGENT_VERSION } from '../version.js';
import type { AgentContext } from './context.js';
import type { Part } from './part.js';

const NAME = 'prometheus';
const AGAIN_TICKS = 30;

/** /metrics for a Prometheus beside the control plane; dashboards for dcgm-exporter work on it. */
export function wirePrometheus(
  { clock, intake, settings }: AgentContext,
  { host, port }: { host: string; port: number },
  isConnected: () => boolean,
): Part {
  const readings = new Readings(() => clock.monotonicMs());
  const { state } = intake.sinkOf(NAME);
  const failed = (error: Error) =>
    state(NAME, 'failed', `/metrics cannot be served at ${host}:${port}: ${error.message}; it is tried again.`);
  const server = new MetricsServer(
    () =>
      metricsText(readings, {
        hostname: settings.instance.name ?? hostname(),
        version: AGENT_VERSION,
        connected: isConnected(),
        collectors: intake.collectorStates,
      }),
    failed,
  );
  const listen = async () => {
    try {
      const at = await server.listen(host, port);
      const open = isLoopback(host) ? '' : ' Whoever reaches this address can read it: there is no password.';
      state(NAME, 'ok', `Serving /metrics at ${host}:${at}.${open}`);
    } catch (error) {
      failed(error as Error);
    }
  };
  let ticks = 0;
  let stopped = false;
  return {
    name: NAME,
    start: () => {
      intake.watch({
        sample: (_, device, __, values) => readings.sample(device, values),
        inventory: (collector, devices) => readings.inventory(collector, devices),
        processes: (_, list) => readings.setProcesses(list),
        xid: (_, { device, code }) => {
          if (device) readings.xid(device, code);
        },
        event: (_, { kind, device, details }) => {
          // seen in the kernel log, and put to its GPU by the judge of health
          const code = Number(details?.['xid'] ?? details?.['code']);
          if (kind.includes('xid') && device && Number.isSafeInteger(code)) readings.xid(device, code);
        },
      });
      return listen();
    },
    tick: async () => {
      if (!stopped && !server.isListening && ++ticks % AGAIN_TICKS === 0) await listen();
    },
    stop: () => {
      stopped = true;
      return server.stop();
    },
  };
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || host.startsWith('127.');
