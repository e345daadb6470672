import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { generate } from './generator.js';
import type { Figures, Load } from './generator.js';
import { benchServer } from './server-side.js';
import { measureAgentProcess } from './agent-process.js';

const AGENTS = 5_000;
const SECONDS = 75;
const TARGET = { rssMb: 600, eventLoopDelayP99Ms: 100 };

interface Bench {
  readonly say: (line: string) => void;
  readonly args: readonly string[];
}

const AGENT_TARGET = { rssMb: 80, cpuPercent: 0.5 };

/**
 * What a fleet of connected agents costs one replica: each stream on a connection of its own (no TLS), live values every
 * 5 s, a closed minute every 60 s, heartbeats every 15 s; the whole way into PostgreSQL.
 *
 * --agents N, --seconds N, --gpus N change the load.
 */
export async function run({ say, args }: Bench): Promise<object> {
  const number = (name: string, otherwise: number) => Number(args[args.indexOf(`--${name}`) + 1]) || otherwise;
  const given = (name: string, otherwise: number) => (args.includes(`--${name}`) ? number(name, otherwise) : otherwise);
  const agents = given('agents', AGENTS);
  const gpus = given('gpus', 1);
  const seconds = given('seconds', SECONDS);
  let served: object;
  const server = await benchServer(agents, gpus);
  try {
    say(`${agents} agents × ${gpus} GPU, live every 5 s, minutes every 60 s, for ${seconds} s`);
    const load: Load = { address: server.address, agents: server.agents, seconds };
    const figures = await generateApart(load, {
      connected: (ms) => {
        say(
          `${agents} streams open after ${(ms / 1000).toFixed(1)} s; event-loop delay meanwhile p99 ${server.delay().p99} ms`,
        );
        server.beginMeasuring();
      },
    });
    const measured = await server.endMeasuring();
    const result = {
      ...measured,
      ...figures,
      agents,
      gpus,
      seconds,
      target: TARGET,
      reached: measured.rssMb <= TARGET.rssMb && measured.eventLoopDelayMs.p99 <= TARGET.eventLoopDelayP99Ms,
    };
    say(
      `RSS ${measured.rssMb} MB (${measured.rssBeforeMb} MB before the first stream), ${measured.kbPerStream} KB a stream`,
    );
    say(
      `event-loop delay p50 ${measured.eventLoopDelayMs.p50} ms, p99 ${measured.eventLoopDelayMs.p99} ms, most ${measured.eventLoopDelayMs.max} ms`,
    );
    say(
      `CPU ${measured.cpuPercent} % of a core, PostgreSQL ${measured.postgresCpuPercent} %; acknowledged in p99 ${figures.ackMs.p99} ms`,
    );
    served = result;
  } finally {
    await server.stop();
  }
  say('one agent process: 8 replayed GPUs, every 5 s, mutual TLS');
  const one = await measureAgentProcess({ seconds: given('agent-seconds', 60) });
  say(`RSS ${one.rssMb} MB, CPU ${one.cpuPercent} % of a core, first GPU value after ${one.firstSampleMs} ms`);
  const reached = one.peakRssMb <= AGENT_TARGET.rssMb && one.cpuPercent <= AGENT_TARGET.cpuPercent;
  return { server: served, agent: { ...one, target: AGENT_TARGET, reached } };
}

function generateApart(load: Load, on: { connected: (ms: number) => void }): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--generator'], { serialization: 'advanced' });
    child.on('message', (message: { connectedMs?: number; figures?: Figures; error?: string }) => {
      if (message.connectedMs !== undefined) on.connected(message.connectedMs);
      if (message.error) reject(new Error(message.error));
      if (message.figures) resolve(message.figures);
    });
    child.on('exit', (code) => code && reject(new Error(`the generator ended with ${code}`)));
    child.send(load);
  });
}

if (process.argv[2] === '--generator' && process.send) {
  const tell = process.send.bind(process);
  process.once('message', (load: Load) => {
    generate(load, (connectedMs) => tell({ connectedMs })).then(
      (figures) => tell({ figures }, () => process.exit(0)),
      (error: Error) => tell({ error: error.stack ?? error.message }, () => process.exit(1)),
    );
  });
}
