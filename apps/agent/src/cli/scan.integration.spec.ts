import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { AgentProgram } from '../../../../test/support/agent-program/index.js';
import { captureFolder, FIXTURE, writeScenario } from '../../../../test/support/nvidia-smi-replay/index.js';

jest.setTimeout(60_000);
const scans = () => readdirSync(tmpdir()).filter((name) => name.startsWith('flotilla-scan-'));
const uuid = (number: number) => `GPU-aaaaaaaa-0000-4000-8000-00000000000${number}`;

describe('flotilla-agent scan', () => {
  let program: AgentProgram;
  beforeAll(async () => {
    program = await AgentProgram.build();
  });
  afterAll(() => program.remove());
  const scan = (name: string, gpus: Parameters<typeof writeScenario>[1]['gpus'], ...flags: string[]) => {
    const { executable } = writeScenario(join(program.folder, name), { gpus });
    return program.call(['scan', '--nvidia-smi', executable, '--state-dir', join(program.folder, 'none'), ...flags]);
  };

  it('prints one screen about eight GPUs, and leaves nothing behind', () => {
    const before = scans();
    const eight = Array.from({ length: 8 }, (_, at) => ({
      capture: captureFolder('nvidia-h100-80gb-hbm3-driver-590.48.01') ?? FIXTURE,
      state: at % 2 === 0 ? ('load' as const) : ('idle' as const),
      uuid: uuid(at),
    }));
    const { code, out, err } = scan('eight', eight);
    expect(err).toBe('');
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(45);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    // a program reads it: no colour where there is no terminal
    expect(out).not.toContain('\u001b');
    expect(lines.filter((line) => /^\s*[0-7] {2}.* healthy /.test(line))).toHaveLength(8);
    expect(out).toMatch(/8 GPUs/);
    expect(out).toMatch(/^(ok|warn|fail) +kernel log /m);
    expect(scans()).toEqual(before);
    expect(existsSync(join(program.folder, 'none'))).toBe(false);
  });

  it('exits with 1 and says what is wrong where a GPU asks for repair', () => {
    const { code, out } = scan('sick', [
      { capture: FIXTURE, state: 'load', uuid: uuid(1) },
      { capture: FIXTURE, state: 'idle', uuid: uuid(2), lost: 'is-lost' },
    ]);
    expect(out).toMatch(/^GPU .*UNHEALTHY .*lost/m);
    expect(code).toBe(1);
  });

  it('gives programs JSON with named absences', () => {
    const { out } = scan('json', [{ capture: FIXTURE, state: 'load', uuid: uuid(1) }], '--json');
    const { devices, readings, checks } = JSON.parse(out) as {
      devices: { uuid: string }[];
      readings: Record<string, Record<string, unknown>>;
      checks: { name: string; state: string }[];
    };
    expect(devices.map((device) => device.uuid)).toContain(uuid(1));
    expect(Object.values(readings[uuid(1)] ?? {})).toContain('unsupported');
    expect(readings[uuid(1)]?.['gpu_utilization']).toEqual(expect.any(Number));
    expect(checks.map(({ name }) => name)).toContain('kernel log');
  });

  it('says where nothing is read, and exits with 3', () => {
    const { code, out } = program.call(['scan', '--nvidia-smi', '/nowhere/nvidia-smi', '--state-dir', '/nowhere']);
    expect(out).toMatch(/no GPU was found/);
    expect(out).toMatch(/nvidia-smi +unavailable/);
    expect(code).toBe(3);
  });
});
