import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { allThreadsCpuMs } from '../support/cpu.js';

export interface PerSample {
  /** What was run: the real tool, or a program that prints the same text and ends. */
  readonly tool: string;
  /** CPU milliseconds of both processes for one reading of 8 GPUs. */
  readonly spawned_ms: number;
  readonly long_lived_ms: number;
}

const GPUS = 8;
const ROUNDS = 200;
const TICK_MS = 10;
const ROW = 'GPU-00000000-0000-0000-0000-000000000000, 97, 43, 81559, 62012, 64, 412.33, 700.00, 1980, 2619, P0, 0';
const QUERY =
  '--query-gpu=uuid,utilization.gpu,utilization.memory,memory.total,memory.used,temperature.gpu,power.draw,power.limit,clocks.sm,clocks.mem,pstate,fan.speed';

/** One reading by a new process each time, against one that stays and prints. */
export async function measurePerSample(): Promise<PerSample> {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-bench-sample-'));
  const file = join(folder, 'rows');
  writeFileSync(file, `${ROW}\n`.repeat(GPUS));
  const isReal = spawnSync('which', ['nvidia-smi']).status === 0;
  const [command, args] = isReal ? ['nvidia-smi', [QUERY, '--format=csv,noheader,nounits']] : ['cat', [file]];
  try {
    const before = ownCpuMs();
    let cells = 0;
    for (let round = 0; round < ROUNDS; round++) cells += parse(spawnSync(command, args as string[]).stdout.toString());
    const spawnedMs = (ownCpuMs() - before) / ROUNDS;
    if (cells === 0) throw new Error(`${command} printed nothing`);
    return {
      tool: isReal
        ? 'nvidia-smi'
        : 'a stand-in (cat) that prints 8 rows: nvidia-smi is not installed, itself it costs more',
      spawned_ms: round3(spawnedMs),
      long_lived_ms: round3(await longLived()),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A child that gives back what it is sent, so that both processes do per reading what a loop of the tool does with its pipe. */
async function longLived(): Promise<number> {
  const child = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout });
  let rows = 0;
  let done = () => {};
  lines.on('line', (line) => {
    parse(line);
    rows += 1;
    if (rows % GPUS === 0) done();
  });
  const block = `${ROW}\n`.repeat(GPUS);
  const once = () =>
    new Promise<void>((resolve) => {
      done = resolve;
      child.stdin.write(block);
    });
  for (let round = 0; round < ROUNDS / 4; round++) await once();
  const before = ownCpuMs() + allThreadsCpuMs(child.pid ?? 0);
  for (let round = 0; round < ROUNDS; round++) await once();
  const ms = (ownCpuMs() + allThreadsCpuMs(child.pid ?? 0) - before) / ROUNDS;
  child.stdin.end();
  return ms;
}

const parse = (text: string): number =>
  text.split('\n').reduce((sum, line) => sum + line.split(', ').map(Number).filter(Number.isFinite).length, 0);

/** Of this process and of its children that ended, milliseconds. */
function ownCpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

const round3 = (value: number) => Math.round(value * 1000) / 1000;
