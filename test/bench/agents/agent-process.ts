import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentBundle, AgentProcess, eventually } from '../../support/agent-process/agent-process.js';
import { FakeControlPlane } from '../../support/fake-control-plane/fake-control-plane.js';
import { captureFolder, FIXTURE, writeScenario } from '../../support/nvidia-smi-replay/index.js';
import { allThreadsCpuMs, faultsOfEndedChildren, residentMb, slopePerMinute } from '../support/cpu.js';

export interface AgentFootprint {
  /** Resident memory of the agent process alone (its nvidia-smi is another process), MB of 10^6 bytes. */
  readonly rssMb: number;
  /** The highest seen while it was measured. */
  readonly peakRssMb: number;
  /** Share of one core, percent: user and system time of the agent process alone. */
  readonly cpuPercent: number;
  readonly seconds: number;
  readonly gpus: number;
  readonly intervalS: number;
  /** From the start of the process to its first values on the stream. */
  readonly firstSampleMs: number;
  /** What of it the stand-in for nvidia-smi took: it is a Node program, started twice before there is a value. */
  readonly firstSampleToolMs: number;
  /** Calls of nvidia-smi while it was measured. */
  readonly toolCalls: number;
  /** Whether any child process at all ended meanwhile. */
  readonly childEnded: boolean;
  /** Growth of the resident memory while it was measured. */
  readonly rssMbPerMinute: number;
}

export interface AgentFootprintOptions {
  /** How long it is measured, after `settleS`. Default 60. */
  readonly seconds?: number;
  /** Start-up is not steady state. Default 15. */
  readonly settleS?: number;
  readonly gpus?: number;
  readonly intervalS?: number;
  /** host:port and token of a control plane; absent: a small one in this process. */
  readonly server?: { readonly address: string; readonly token: string };
}

/** Runs one real agent, with a replaying nvidia-smi, and measures what it costs the host in steady state. */
export async function measureAgentProcess(options: AgentFootprintOptions = {}): Promise<AgentFootprint> {
  const { seconds = 60, settleS = 15, gpus = 8, intervalS = 5 } = options;
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-bench-agent-'));
  const fake = options.server ? null : await FakeControlPlane.start();
  const server = options.server ?? { address: fake?.address ?? '', token: fake?.token ?? '' };
  const capture = captureFolder('nvidia-h100-80gb-hbm3-driver-590.48.01') ?? FIXTURE;
  const replay = writeScenario(join(folder, 'tool'), {
    gpus: Array.from({ length: gpus }, (_, at) => ({ capture, row: 0, uuid: `GPU-0000000${at}` })),
  });
  // built before the clock runs
  await agentBundle();
  const toolMs = TOOL_STARTS * startMs(replay.executable);
  const startedAt = performance.now();
  const agent = await AgentProcess.start({
    stateDir: join(folder, 'state'),
    args: ['--server', server.address, '--token', server.token, '--interval', String(intervalS)],
    nvidiaSmi: replay.executable,
  });
  try {
    let firstSampleMs = Number.NaN;
    if (fake) {
      const shown = () => fake.messages.some((m) => m.live?.devices.some(({ device }) => device.startsWith('GPU-')));
      await eventually('values of a GPU', shown, 30_000, () => agent.log);
      firstSampleMs = Math.round(performance.now() - startedAt);
    }
    await sleep(settleS * 1000);
    const before = allThreadsCpuMs(agent.pid);
    const callsBefore = replay.calls().length;
    const faultsBefore = faultsOfEndedChildren(agent.pid);
    const from = performance.now();
    const rss: number[] = [];
    for (let at = 0; at < seconds; at++) {
      await sleep(1000);
      rss.push(residentMb(agent.pid));
      if (fake) fake.messages.length = 0;
    }
    const elapsedS = (performance.now() - from) / 1000;
    const cpuPercent = (allThreadsCpuMs(agent.pid) - before) / elapsedS / 10;
    return {
      rssMb: round(residentMb(agent.pid)),
      peakRssMb: round(Math.max(...rss)),
      cpuPercent: Math.round(cpuPercent * 1000) / 1000,
      seconds: Math.round(elapsedS),
      gpus,
      intervalS,
      firstSampleMs,
      firstSampleToolMs: Math.round(toolMs),
      toolCalls: replay.calls().length - callsBefore,
      childEnded: faultsOfEndedChildren(agent.pid) !== faultsBefore,
      rssMbPerMinute: Math.round(slopePerMinute(rss) * 1000) / 1000,
    };
  } finally {
    await agent.kill();
    fake?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Which columns there are, and the loop itself. */
const TOOL_STARTS = 2;

/** Milliseconds that one short call of the tool takes, the middle of three. */
function startMs(executable: string): number {
  const times = [0, 1, 2].map(() => {
    const from = performance.now();
    spawnSync(executable, ['--help-query-gpu']);
    return performance.now() - from;
  });
  return times.sort((a, b) => a - b)[1] ?? Number.NaN;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const round = (mb: number) => Math.round(mb * 10) / 10;
