import { measureAgentProcess } from '../agents/agent-process.js';
import type { AgentFootprint } from '../agents/agent-process.js';
import { startReplica } from '../support/replica.js';
import type { ReplicaOrder } from '../support/replica.js';
import { measureDrain } from './drain.js';
import { measureOthers } from './others.js';
import type { Other } from './others.js';
import { measurePerSample } from './per-sample.js';
import { measureSpool } from './spool.js';

/** By the clock and not by the sample: a snapshot a minute, the links of NVLink every five. */
const PLANNED_CALLS_PER_MINUTE = 2;
const TARGET = {
  rss_mb: 70,
  cpu_percent_at_5_s: 0.3,
  cpu_percent_at_1_s: 0.6,
  first_sample_ms: 2_000,
  spool_samples_per_second: 200_000,
  drain_times_real_time: 50,
  live_lag_s: 5,
  rss_mb_per_minute: 1,
};

interface Bench {
  readonly say: (line: string) => void;
  readonly args: readonly string[];
}

/**
 * What the agent costs its host, how fast it is, and beside it what a user would run instead, in one run on one machine.
 *
 * --seconds N: how long each program is measured (60); --soak N: minutes at an interval of 1 s, for the slope of the
 * memory; --hours N: length of the backlog (24); --without-others: only ours.
 */
export async function run({ say, args }: Bench): Promise<object> {
  const given = (name: string, otherwise: number) =>
    args.includes(`--${name}`) ? Number(args[args.indexOf(`--${name}`) + 1]) || otherwise : otherwise;
  const seconds = given('seconds', 60);
  const row = (name: string, text: string) => say(`${name.padEnd(42)} ${text}`);
  const cost = (rssMb: number, cpu: number, more: string) =>
    `${rssMb.toFixed(1).padStart(7)} MB ${cpu.toFixed(2).padStart(6)} % of a core   ${more}`;
  const ours = (name: string, figures: AgentFootprint) =>
    row(
      name,
      cost(
        figures.rssMb,
        figures.cpuPercent,
        `first sample after ${figures.firstSampleMs} ms, ${figures.firstSampleToolMs} of them the stand-in's`,
      ),
    );

  const spool = await measureSpool();
  row('spool', `${spool.samples_per_second} samples/s in, ${spool.cpu_us_per_sample} µs of CPU each`);
  const at5s = await measureAgentProcess({ seconds, intervalS: 5 });
  ours('flotilla-agent, 8 GPUs, 5 s', at5s);
  const at1s = await measureAgentProcess({ seconds, intervalS: 1 });
  ours('flotilla-agent, 8 GPUs, 1 s', at1s);
  const soakMinutes = given('soak', 0);
  const soak =
    soakMinutes > 0 ? await measureAgentProcess({ seconds: soakMinutes * 60, settleS: 120, intervalS: 1 }) : null;
  if (soak) row(`soak of ${soakMinutes} min`, `${soak.rssMbPerMinute} MB/min, peak ${soak.peakRssMb} MB`);
  const others = args.includes('--without-others') ? {} : await measureOthers(seconds);
  for (const [name, other] of Object.entries(others)) row(name, otherText(other));
  const perSample = await measurePerSample();
  row('a process for each reading', `${perSample.spawned_ms} ms of CPU (${perSample.tool})`);
  row('a long-lived child', `${perSample.long_lived_ms} ms of CPU`);
  const drain = await measureDrain(given('hours', 24));
  row(`backlog of ${drain.hours} h`, `${drain.seconds} s, ${drain.times_real_time} times real time`);
  row('live values meanwhile', `first after ${drain.first_live_s} s, at most ${drain.live_lag_max_s} s late`);

  const samples = (figures: AgentFootprint) => figures.seconds / figures.intervalS;
  const reached = {
    rss: Math.max(at5s.peakRssMb, at1s.peakRssMb, soak?.peakRssMb ?? 0) <= TARGET.rss_mb,
    cpu_at_5_s: at5s.cpuPercent <= TARGET.cpu_percent_at_5_s,
    cpu_at_1_s: at1s.cpuPercent <= TARGET.cpu_percent_at_1_s,
    first_sample: Math.max(at5s.firstSampleMs, at1s.firstSampleMs) <= TARGET.first_sample_ms,
    no_child_per_sample:
      at1s.toolCalls <= Math.ceil((at1s.seconds / 60) * PLANNED_CALLS_PER_MINUTE) && !at1s.childEnded,
    spool: spool.samples_per_second >= TARGET.spool_samples_per_second,
    drain: drain.times_real_time >= TARGET.drain_times_real_time,
    live: drain.live_lag_max_s < TARGET.live_lag_s,
    ...(soak && { flat: soak.rssMbPerMinute < TARGET.rss_mb_per_minute }),
  };
  return {
    spool,
    agent_at_5_s: { ...at5s, child_processes_per_sample: at5s.toolCalls / samples(at5s) },
    agent_at_1_s: { ...at1s, child_processes_per_sample: at1s.toolCalls / samples(at1s) },
    ...(soak && { soak }),
    others,
    per_sample: perSample,
    drain,
    target: TARGET,
    reached,
  };

  function otherText(other: Other): string {
    if (typeof other === 'string') return other;
    return cost(other.rss_mb, other.cpu_percent, `${other.processes} processes`);
  }
}

if (process.argv[2] === '--control-plane' && process.send) {
  process.once('message', (order: ReplicaOrder) => {
    startReplica(order).then(
      (place) => process.send?.({ place }),
      (error: Error) => process.send?.({ error: error.stack ?? error.message }),
    );
  });
}
