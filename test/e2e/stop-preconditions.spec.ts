import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionResult } from '@flotilla/contracts/agent';
import { AgentProcess, eventually, TestWorkload } from '../support/agent-process/agent-process.js';
import { FakeControlPlane } from '../support/fake-control-plane/fake-control-plane.js';
import { FIXTURE, writeScenario } from '../support/nvidia-smi-replay/index.js';

/** A real process on a replayed GPU, which the request knew of or did not. */
it('a stop is refused for a process that the request did not know of, and names it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-preconditions-'));
  const job = spawn('/bin/sleep', ['120'], { stdio: 'ignore' });
  const pid = job.pid as number;
  const fake = await FakeControlPlane.start();
  const workload = new TestWorkload(join(folder, 'workload'));
  const replay = writeScenario(join(folder, 'tool'), {
    gpus: [
      {
        capture: FIXTURE,
        uuid: 'GPU-aaaa',
        state: 'idle',
        processes: [{ pid, type: 'C', name: '/usr/bin/train', usedMemory: '512 MiB' }],
      },
    ],
  });
  const agent = await AgentProcess.start({
    stateDir: join(folder, 'state'),
    args: ['--server', fake.address, '--token', fake.token],
    nvidiaSmi: replay.executable,
    config: { controls: [workload.control] },
  });
  const results = (): ActionResult[] => fake.messages.flatMap((message) => message.actionResult ?? []);
  const carriedOut = async (actionId: string, precondition: object) => {
    const offer = { actionId, fence: 1, verb: 'stop', instanceId: '', controlKind: 'command', argumentsJson: '{}' };
    fake.offer({ ...offer, precondition });
    await eventually(
      `the result of ${actionId}`,
      () => results().some((result) => result.actionId === actionId),
      30_000,
      () => agent.log,
    );
    return results().find((result) => result.actionId === actionId);
  };
  try {
    await eventually(
      'connected',
      () => fake.hellos.length > 0,
      15_000,
      () => agent.log,
    );
    const known = { device: 'GPU-aaaa', pid, name: '/usr/bin/train', startedAtMs: 0 };
    expect(await carriedOut('act_1', { processesAsked: true, knownProcesses: [] })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining(`did not know of: ${pid} (/usr/bin/train) on GPU-aaaa`),
    });
    // the same number, and another process: it began later than the one that was known
    const earlier = { ...known, startedAtMs: Date.now() - 3_600_000 };
    expect(await carriedOut('act_2', { processesAsked: true, knownProcesses: [earlier] })).toMatchObject({
      outcome: 'refused',
    });
    expect(workload.begun).toBe(0);
    expect(await carriedOut('act_3', { processesAsked: true, knownProcesses: [known] })).toMatchObject({
      outcome: 'succeeded',
    });
    expect(workload.begun).toBe(1);
  } finally {
    await agent.kill();
    job.kill();
    fake.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 90_000);
