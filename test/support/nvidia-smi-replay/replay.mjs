/**
 * Stands in for nvidia-smi. Started as `node replay.mjs <scenario.json> <arguments of nvidia-smi>`, usually through the
 * executable that `writeScenario` (index.ts, where the scenario and every fault are described) writes.
 *
 * Answers `--help-query-gpu`, `--query-gpu=a,b --format=csv[,noheader][,nounits] [-lms N | -l N] [-i ID]`, `-q -x`, `-L`,
 * `nvlink -s | -e | -gt d`, `vgpu -q`
 * and, without arguments, nothing of use: exit 0 as the table would. Texts and exit codes are those of the real tool.
 */
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldList, lostMarker, machineAt, openScenario } from './machine.mjs';
import { nvlinkText, vgpuText } from './others.mjs';
import { logXml } from './xml.mjs';

const [scenarioPath, ...argv] = process.argv.slice(2);
const current = openScenario(scenarioPath);
const EXIT_TEXT = {
  9: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n",
  12: "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system. Please make sure that the NVIDIA Display Driver is properly installed and present in your system.\n",
  14: 'WARNING: infoROM is corrupted at gpu 0000:00:1E.0\n',
  15: 'Unable to determine the device handle for GPU 0000:1A:00.0: GPU is lost.  Reboot the system to recover this GPU\n',
  18: 'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 535.161\n',
  255: 'Failed to initialize NVML: Unknown Error\n',
};
// A reader that went away ends the tool, as SIGPIPE ends the real one.
process.stdout.on('error', () => process.exit(141));
const print = (text) => process.stdout.write(text);

/** Faults that bite now: in this mode of use and in this round (a one-shot call is round 0 of a loop). */
function faults(use, round) {
  return (current().faults ?? []).filter(
    (f) =>
      (f.use ?? use) === use && round >= (f.afterRounds ?? 0) && (!f.times || round < (f.afterRounds ?? 0) + f.times),
  );
}

/** Faults that end the call or hold it for ever. True when nothing more is to be printed. */
function stopped(use, round) {
  for (const fault of faults(use, round)) {
    if (fault.kind === 'exit') {
      print(fault.text ?? EXIT_TEXT[fault.code] ?? '');
      process.exit(fault.code);
    }
    if (fault.kind === 'hang') {
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
      setInterval(() => {}, 1 << 30);
      return true;
    }
  }
  return false;
}

function cellText(cell, nounits) {
  return nounits && cell.unit && cell.cell.endsWith(` ${cell.unit}`)
    ? cell.cell.slice(0, -cell.unit.length - 1)
    : cell.cell;
}

const BAD_CELL = {
  'unknown-error': '[Unknown Error]',
  'is-lost': '[GPU is lost]',
  'requires-reset': '[GPU requires reset]',
};

function printRows(fields, format, use, round) {
  const biting = faults(use, round);
  if (biting.some((f) => f.kind === 'garbage')) return print('\u0000\u00ff{]]>, ,,\u001b[31m 12 ,\n%%%\n');
  for (const fault of biting) if (fault.kind === 'stray') print(`${fault.text}\n`);
  const scenario = current();
  const machine = machineAt(scenario, round);
  if (machine.length === 0 || machine.every((g) => g.lost === 'absent')) return print('No devices were found\n');
  const { column } = fieldList(scenario);
  const bad = biting.some((f) => f.kind === 'loop-unknown-error');
  for (const gpu of machine) {
    if (gpu.lost === 'absent') continue;
    if (gpu.lost === 'error-line' || gpu.lost === 'unknown-error') {
      print(
        `Unable to determine the device handle for GPU${gpu.cells.get('pci.bus_id').cell.slice(4)}: Unknown Error\n`,
      );
      if (gpu.lost === 'error-line') continue;
    }
    const cells = fields.map((name) => {
      if (bad || gpu.lost === 'unknown-error') return '[Unknown Error]';
      const cell = gpu.cells.get(column(name)) ?? gpu.cells.get(name);
      if (name === 'timestamp') return new Date().toISOString().replace(/-/g, '/').replace('T', ' ').slice(0, 23);
      if (gpu.lost && !['index', 'uuid', 'name', 'pci.bus_id'].includes(name)) return BAD_CELL[gpu.lost];
      return cell ? cellText(cell, format.has('nounits')) : '[N/A]';
    });
    print(`${cells.join(', ')}${scenario.crlf ? '\r\n' : '\n'}`);
  }
}

/** GPUs that the scenario loses after so many rounds: a marker file tells every later call. */
function loseGpus(round) {
  const scenario = current();
  scenario.gpus.forEach((gpu, index) => {
    const marker = lostMarker(scenario, index);
    if (gpu.lostAfterRounds && round >= gpu.lostAfterRounds && !existsSync(marker)) writeFileSync(marker, '');
  });
}

function queryGpu(fields, format, everyMs) {
  const { known, column } = fieldList(current());
  const use = everyMs === null ? 'once' : 'loop';
  const unknown = fields.find((name) => !known(name));
  if (stopped(use, 0)) return;
  if (unknown !== undefined) {
    print(`Field "${unknown}" is not a valid field to query.\n\n`);
    process.exit(2);
  }
  const header = () => {
    if (format.has('noheader')) return;
    const first = machineAt(current(), 0)[0].cells;
    const title = (name) => {
      const unit = first.get(column(name))?.unit;
      return unit ? `${column(name)} [${unit}]` : column(name);
    };
    print(`${fields.map(title).join(', ')}\n`);
  };
  if (everyMs === null) {
    header();
    printRows(fields, format, use, 0);
    return;
  }
  let round = 0;
  const tick = () => {
    if (round > 0 && stopped('loop', round)) return clearInterval(timer);
    loseGpus(round);
    printRows(fields, format, 'loop', round);
    round += 1;
  };
  const slow = faults('loop', 0).find((f) => f.kind === 'slow-start');
  let timer;
  setTimeout(() => {
    header();
    tick();
    timer = setInterval(tick, everyMs);
  }, slow?.ms ?? 0);
}

function queryXml() {
  const scenario = current();
  if (stopped('xml', 0)) return;
  const present = machineAt(scenario, 0).filter((g) => !g.lost || g.lost === 'is-lost' || g.lost === 'requires-reset');
  for (const gpu of present) {
    if (!gpu.lost) continue;
    for (const [name, cell] of gpu.cells) {
      if (!['index', 'uuid', 'name', 'pci.bus_id', 'driver_version'].includes(name)) cell.cell = BAD_CELL[gpu.lost];
    }
  }
  const driver = machineAt(scenario, 0)[0]?.cells.get('driver_version')?.cell ?? 'N/A';
  let text = scenario.xml ? readFileSync(scenario.xml, 'utf8') : logXml(present, present.length, driver);
  const biting = faults('xml', 0);
  if (biting.some((f) => f.kind === 'garbage')) text = '\u0000<<<&&&]]>';
  if (biting.some((f) => f.kind === 'truncated-xml')) text = text.slice(0, Math.floor(text.length * 0.6));
  print(text);
}

function list() {
  if (stopped('list', 0)) return;
  for (const gpu of machineAt(current(), 0)) {
    if (gpu.lost) continue;
    const uuid = gpu.cells.get('uuid').cell;
    print(`GPU ${gpu.index}: ${gpu.cells.get('name')?.cell ?? 'Graphics Device'} (UUID: ${uuid})\n`);
    gpu.mig.forEach((m, i) => {
      const id =
        m.uuid ?? `MIG-${uuid.slice(4, 8)}0000-0000-5000-8000-${uuid.slice(-8)}${String(m.index).padStart(4, '0')}`;
      print(`  MIG ${m.profile ?? `${m.multiprocessors}sm`}     Device  ${m.index ?? i}: (UUID: ${id})\n`);
    });
  }
}

const option = (...names) => {
  for (const name of names) {
    const at = argv.findIndex((a) => a === name || a.startsWith(`${name}=`));
    if (at >= 0) return argv[at].includes('=') ? argv[at].slice(argv[at].indexOf('=') + 1) : argv[at + 1];
  }
  return null;
};
appendFileSync(join(current().folder, 'calls.jsonl'), `${JSON.stringify({ pid: process.pid, argv })}\n`);
const loop = option('-lms', '--loop-ms') ?? (option('-l', '--loop') && Number(option('-l', '--loop')) * 1000);
const query = option('--query-gpu');
if (argv.includes('--help-query-gpu')) {
  if (!stopped('help', 0)) print(fieldList(current()).help);
} else if (query) {
  queryGpu(query.split(','), new Set((option('--format') ?? '').split(',')), loop === null ? null : Number(loop));
} else if (argv[0] === 'nvlink' || argv[0] === 'vgpu') {
  const present = machineAt(current(), 0).filter((g) => !g.lost);
  const seconds = (Date.now() - statSync(scenarioPath).mtimeMs) / 1000;
  if (!stopped('list', 0)) print(argv[0] === 'vgpu' ? vgpuText(present) : nvlinkText(present, argv, seconds));
} else if (argv.includes('-q') && argv.includes('-x')) queryXml();
else if (argv.includes('-L')) list();
