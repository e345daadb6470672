/**
 * The readers against outputs of real machines, which lie outside the repository (FLOTILLA_TEST_DATA). The expected
 * numbers are taken from the files by other means than the readers': the text of the cell under the column's title.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRIC_CATALOGUE } from '@flotilla/domain';
import { FIXTURE, testData } from '../../../../../test/support/nvidia-smi-replay/index.js';
import { infoRomWarning, lostHandle, nameFailure } from './failures.js';
import { chooseColumns, parseFieldList, type Column } from './fields.js';
import { isDead, memoryShareOf } from '../gpu/faults.js';
import { faultWords, readMetrics as readBoth } from './reading.js';
import { RoundReader } from './rounds.js';
import { parseRow, uuidOf, type Row } from './rows.js';
import { parseSnapshot } from './snapshot.js';

const root = join(testData(), 'nvidia-smi');
const readMetrics = (row: Row) => readBoth(row).values;
const present = existsSync(root);
const list = (folder: string) => (present ? readdirSync(join(root, folder)).sort() : []);
const textOf = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

/** metric → title of the column in a capture, written down by hand. */
const EXPECTED: Readonly<Record<string, string>> = {
  gpu_utilization: 'utilization.gpu [%]',
  memory_controller_utilization: 'utilization.memory [%]',
  memory_used_mib: 'memory.used [MiB]',
  memory_total_mib: 'memory.total [MiB]',
  temperature: 'temperature.gpu',
  power_draw: 'power.draw [W]',
  power_limit: 'enforced.power.limit [W]',
  sm_clock: 'clocks.current.sm [MHz]',
  memory_clock: 'clocks.current.memory [MHz]',
  fan_speed: 'fan.speed [%]',
  encoder_utilization: 'utilization.encoder [%]',
  decoder_utilization: 'utilization.decoder [%]',
  ecc_errors_uncorrected: 'ecc.errors.uncorrected.volatile.total',
  throttle_reasons: 'clocks_event_reasons.active',
  jpeg_utilization: 'utilization.jpeg [%]',
  ofa_utilization: 'utilization.ofa [%]',
  memory_reserved_mib: 'memory.reserved [MiB]',
  memory_free_mib: 'memory.free [MiB]',
  memory_temperature: 'temperature.memory',
  temperature_margin: 'temperature.gpu.tlimit',
  power_draw_instant: 'power.draw.instant [W]',
  graphics_clock: 'clocks.current.graphics [MHz]',
  video_clock: 'clocks.current.video [MHz]',
  performance_state: 'pstate',
  ecc_errors_corrected: 'ecc.errors.corrected.volatile.total',
  retired_pages_pending: 'retired_pages.pending',
  remapped_rows_pending: 'remapped_rows.pending',
  remapped_rows_failure: 'remapped_rows.failure',
  pcie_generation: 'pcie.link.gen.current',
  pcie_width: 'pcie.link.width.current',
};
/** metric → title of the driver's running counter. */
const COUNTERS: Readonly<Record<string, string>> = {
  throttled_power_cap: 'clocks_event_reasons_counters.sw_power_cap [us]',
  throttled_sw_thermal: 'clocks_event_reasons_counters.sw_thermal_slowdown [us]',
  throttled_hw_thermal: 'clocks_event_reasons_counters.hw_thermal_slowdown [us]',
  throttled_power_brake: 'clocks_event_reasons_counters.hw_power_brake_slowdown [us]',
  throttled_sync_boost: 'clocks_event_reasons_counters.sync_boost [us]',
};
/** Columns that not every driver has: 595 lost some that 590 had, GeForce drivers lack others. */
const NOT_EVERYWHERE = ['utilization.jpeg [%]', 'utilization.ofa [%]', 'temperature.gpu.tlimit'];
const WORDS: Readonly<Record<string, number>> = { Yes: 1, No: 0 };
const idOf = (metric: string) => METRIC_CATALOGUE.find((m) => m.name === metric)?.id as number;
const numberOr = (cell: string, unit: string) => (cell.endsWith(` ${unit}`) ? Number.parseFloat(cell) : 'unsupported');
/** What a cell of a capture must become. */
function expectedOf(cell: string): number | 'unsupported' {
  if (/^0x/.test(cell)) return Number.parseInt(cell, 16);
  if (/^P\d+$/.test(cell)) return Number(cell.slice(1));
  if (cell in WORDS) return WORDS[cell] as number;
  return /^-?[\d.]+( \S+)?$/.test(cell) ? Number(cell.split(' ')[0]) : 'unsupported';
}
const folders = [FIXTURE, ...list('captures').map((name) => join(root, 'captures', name))];
const captures = folders.flatMap((folder) =>
  ['idle', 'load'].map((state) => [folder.split('/').at(-1), state, folder]),
);

if (!present) {
  it.skip(`real outputs of nvidia-smi are not at ${root}: only the project's own fixture is read`, () => {});
}

describe.each(captures as [string, string, string][])('%s, %s', (_, state, folder) => {
  const [header = '', values = ''] = readFileSync(join(folder, `${state}.query-gpu.csv`), 'utf8').split(/\r?\n/);
  const cells = new Map(header.split(', ').map((title, i) => [title, values.split(', ')[i] as string]));
  const names = [...cells.keys()].map((title) => title.replace(/ \[.*\]$/, ''));
  const help = join(folder, 'cap.help-query-gpu.txt');
  const known = existsSync(help) ? parseFieldList(readFileSync(help, 'utf8')) : new Set(names);
  const columns = chooseColumns(known);
  const asked = (units: boolean) =>
    columns
      .map(({ name }) => [...cells].find(([title]) => title === name || title.startsWith(`${name} [`))?.[1] as string)
      .map((cell) => (units ? cell : cell.replace(/^([\d.]+) \S+$/, '$1')))
      .join(', ');

  it.each([
    ['with units', true],
    ['without', false],
  ])('every hot value equals its cell, every absence has its class (%s)', (_, units) => {
    const row = parseRow(asked(units), columns) as Row;
    const { values: read, counters } = readBoth(row);
    let numbers = 0;
    for (const [metric, title] of Object.entries({ ...EXPECTED, ...COUNTERS })) {
      const cell = cells.get(title);
      if (cell === undefined && !NOT_EVERYWHERE.includes(title)) expect([title, 'is a column']).toEqual([title, cell]);
      const expected = cell === undefined ? 'unsupported' : expectedOf(cell);
      if (typeof expected === 'number') numbers += 1;
      expect([metric, (metric in COUNTERS ? counters : read).get(idOf(metric))]).toEqual([metric, expected]);
    }
    expect(numbers).toBeGreaterThanOrEqual(20);
    const number = (title: string) => Number.parseFloat(cells.get(title) as string);
    // 19,818 of 81,559 MiB on the H100 under load are 24.3 %
    const share = (number('memory.used [MiB]') / number('memory.total [MiB]')) * 100;
    expect(memoryShareOf(read)).toBeCloseTo(share, 10);
    expect(faultWords(row)).toBeUndefined();
  });

  it('MIG takes the utilisation away, and that is not 0', () => {
    const read = readMetrics(parseRow(asked(false), columns) as Row);
    const utilization = read.get(1);
    expect(typeof utilization).toBe(cells.get('mig.mode.current') === 'Enabled' ? 'string' : 'number');
  });
});

const describeReal = (title: string, tests: () => void) => {
  if (present) describe(title, tests);
};

describeReal('the eight GPUs of one host in one table', () => {
  it('are eight rows, the header is none', () => {
    const lines = textOf('text', 'virtualclient__query-gpu-8xH100.csv').split(/\r?\n/);
    const columns: Column[] = (lines[0] as string)
      .split(', ')
      .map((title) => title.replace(/ \[.*\]$/, ''))
      .map((name) => ({ name, asked: name }));
    const rounds: number[] = [];
    const reader = new RoundReader(columns, {
      row: () => {},
      stray: () => {},
      round: (rows) => rounds.push(rows.length),
    });
    reader.push(lines.join('\n'));
    reader.push(lines.slice(1).join('\n'));
    reader.end();
    expect(rounds).toEqual([8, 8]);
  });
});

describeReal('every failure seen in the field', () => {
  const columns = (n: number): Column[] =>
    ['index', 'uuid', ...Array.from({ length: n - 2 }, (_, i) => `utilization.${i}`)]
      .slice(0, n)
      .map((name) => ({ name, asked: name }));
  const loopOf = (text: string, query: Column[]) => {
    const rows: Row[] = [];
    const strays: string[] = [];
    const reader = new RoundReader(query, { row: (r) => rows.push(r), stray: (l) => strays.push(l), round: () => {} });
    reader.push(text);
    reader.end();
    return { rows, strays };
  };

  const CHECKS: Readonly<Record<string, (text: string) => void>> = {
    'compute-apps-insufficient-permissions.csv': (text) => {
      const query = ['gpu_uuid', 'pid', 'process_name', 'used_memory'].map((name) => ({ name, asked: name }));
      // no index: this is not the query of the loop, and its line must not be taken for one of its rows
      expect(parseRow(text.trim(), columns(4))).toBeNull();
      expect(query).toHaveLength(text.split(',').length);
    },
    'device-handle-unknown-error.txt': (text) =>
      expect(lostHandle(text)).toEqual({ busId: '0000:0B:00.0', why: 'Unknown Error' }),
    'driver-library-mismatch.exit18.txt': (text) => {
      expect(nameFailure({ code: 18, output: text })?.name).toBe('driver_upgraded');
      expect(nameFailure({ code: 255, output: text })?.name).toBe('driver_upgraded');
    },
    'driver-not-loaded.exit9.txt': (text) =>
      expect(nameFailure({ code: 9, output: text })?.name).toBe('driver_not_loaded'),
    'err-cells-summary-table.txt': (text) => expect(loopOf(text, columns(9)).rows).toEqual([]),
    'gpu-is-lost.reboot.txt': (text) => {
      expect(lostHandle(text)).toMatchObject({ busId: '0000:1A:00.0' });
      expect(nameFailure({ code: 15, output: text })?.name).toBe('gpu_off_bus');
    },
    'inforom-corrupted-trailing-warning.exit14.txt': (text) => {
      expect(nameFailure({ code: 14, output: text })).toBeNull();
      expect(infoRomWarning(text)).toBe('0000:00:1E.0');
      expect(loopOf(`0, GPU-a, 1\n${text}`, columns(3))).toMatchObject({ strays: [text.trim()], rows: [{ size: 3 }] });
    },
    'invalid-field.txt': (text) => expect(nameFailure({ code: 2, output: text })?.name).toBe('field_refused'),
    'loop-mode-unknown-error-after-first.csv': (text) => {
      const query = ['index', 'utilization.gpu', 'memory.used'].map((name) => ({ name, asked: name }));
      const { rows } = loopOf(text, query);
      expect(rows.map((row) => isDead(readMetrics(row)))).toEqual([false, true, true]);
      expect(readMetrics(rows[0] as Row).get(1)).toBe(0);
      expect(readMetrics(rows[1] as Row).get(1)).toBe('fault');
    },
    'na.new-driver.nounits.csv': (text) => {
      const names =
        'clocks.current.sm,clocks.max.sm,index,temperature.gpu,fan.speed,utilization.gpu,utilization.memory';
      const row = parseRow(
        text.trim(),
        names.split(',').map((name) => ({ name, asked: name })),
      ) as Row;
      const read = readMetrics(row);
      expect([read.get(9), read.get(6), read.get(11), read.get(1)]).toEqual([2004, 44, 'unsupported', 0]);
    },
    'no-devices.txt': (text) => expect(nameFailure({ code: 0, output: text })?.name).toBe('no_devices'),
    'one-gpu-failed-among-three.noheader.csv': (text) => {
      const names =
        'index,name,temperature.gpu,clocks.current.sm,clocks.current.memory,utilization.gpu,utilization.memory,pstate,enforced.power.limit';
      const { rows, strays } = loopOf(
        text,
        names.split(',').map((name) => ({ name, asked: name })),
      );
      expect(strays.map(lostHandle)).toEqual([{ busId: '0000:02:00.0', why: 'Unknown Error' }]);
      expect(rows.map((row) => readMetrics(row).get(6))).toEqual([30, 'fault', 31]);
      expect(rows.map((row) => readMetrics(row).get(8))).toEqual([350, 'fault', 350]);
    },
    'row-all-gpu-requires-reset.csv': (text) => {
      const row = parseRow(
        text.trim(),
        ['index', 'uuid', 'utilization.gpu', 'power.draw', 'memory.used', 'temperature.gpu'].map((name) => ({
          name,
          asked: name,
        })),
      ) as Row;
      expect(uuidOf(row)).toBe('GPU-0');
      expect(faultWords(row)).toBe('[GPU requires reset]');
      expect(isDead(readMetrics(row))).toBe(true);
    },
  };

  it.each(list('errors'))('%s', (file) => {
    const check = CHECKS[file];
    if (!check) throw new Error(`A new file lies in errors: say here what ${file} is to be read as.`);
    check(textOf('errors', file));
  });
});

describeReal('every snapshot', () => {
  it.each(list('xml'))('%s', (file) => {
    const xml = textOf('xml', file);
    const snapshot = parseSnapshot(xml);
    const tag = (name: string, text = xml) =>
      [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((m) => m[1] as string);
    expect(snapshot.gpus.map((g) => g.uuid)).toEqual(tag('uuid'));
    expect(snapshot.gpus.map((g) => g.facts.model)).toEqual(tag('product_name'));
    expect(snapshot.driverVersion).toBe(tag('driver_version')[0]);
    expect(snapshot.gpus.map((g) => g.facts.busId)).toEqual([...xml.matchAll(/<gpu id="([^"]+)"/g)].map((m) => m[1]));
    const gpuTexts = xml.split('<gpu id=').slice(1);
    snapshot.gpus.forEach((gpu, i) => {
      const text = gpuTexts[i] as string;
      const own = text.replace(/<mig_devices>[^]*?<\/mig_devices>/, '');
      expect(`${gpu.facts.memoryTotalMib} MiB`).toBe(
        tag('total', /<fb_memory_usage>[^]*?<\/fb_memory_usage>/.exec(own)?.[0])[0],
      );
      const serial = tag('serial', text)[0];
      expect(gpu.facts.serial).toBe(serial === 'N/A' || serial === 'REDACTED' ? undefined : serial);
      const rx = tag('rx_util', text)[0];
      expect(gpu.values.get(idOf('pcie_rx'))).toBe(rx === undefined ? 'unsupported' : numberOr(rx, 'KB/s'));
      expect(gpu.processes?.map((p) => String(p.pid)) ?? []).toEqual(tag('pid', text));
      expect(gpu.mig.map((m) => `${m.memoryTotalMib} MiB`)).toEqual(
        [...text.matchAll(/<mig_device>[^]*?<total>([^<]*)</g)].map((m) => m[1]),
      );
    });
  });

  it.each(list('xml'))('%s cut anywhere is refused, not half believed', (file) => {
    const xml = textOf('xml', file).trimEnd();
    for (let i = 1; i < 20; i += 1)
      expect(() => parseSnapshot(xml.slice(0, Math.floor((xml.length * i) / 20)))).toThrow();
  });

  it('the A100 has four MIG instances, and the driver counts more GPUs than it lists', () => {
    const a100 = parseSnapshot(textOf('xml', 'telegraf__a100-sxm4-v12.xml'));
    expect(a100.attachedGpus).toBe(4);
    expect(a100.gpus).toHaveLength(1);
    expect(a100.gpus[0]?.mig.map((m) => [m.index, m.gpuInstance, m.memoryTotalMib])).toEqual([
      [0, 3, 19968],
      [1, 4, 19968],
      [2, 5, 19968],
      [3, 6, 19968],
    ]);
  });
});
