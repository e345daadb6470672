/**
 * Slow facts and values of every real document, against the document's own text: the expected words are cut out of it by
 * tag, not by the reader's parser. And what is no document, and no table, must be taken for neither.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricId } from '@flotilla/domain';
import { testData } from '../../../../../test/support/nvidia-smi-replay/index.js';
import { chooseColumns } from './fields.js';
import { RoundReader } from './rounds.js';
import { WISH_LIST } from './signals.js';
import { parseSnapshot, SnapshotError } from './snapshot.js';

const root = join(testData(), 'nvidia-smi');
const present = existsSync(root);
if (!present) it.skip(`real outputs of nvidia-smi are not at ${root}`, () => {});
const list = (folder: string) => (present ? readdirSync(join(root, folder)).sort() : []);
const textOf = (folder: string, file: string) => readFileSync(join(root, folder, file), 'utf8');

/** The text inside nested tags, the first of each; undefined where one is missing. */
function inside(xml: string, ...path: string[]): string | undefined {
  let text: string | undefined = xml;
  for (const tag of path) text = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(text ?? '')?.[1];
  return text?.trim();
}
const numeric = (text: string | undefined) =>
  /^-?\d/.test(text ?? '') ? Number.parseFloat(text as string) : 'unsupported';

describe('every document', () => {
  if (!present) return;
  const gpusOf = (file: string) => {
    const xml = textOf('xml', file);
    // MIG instances have tags of the same names
    const texts = xml
      .split('<gpu id=')
      .slice(1)
      .map((text) => text.replace(/<mig_devices>[^]*?<\/mig_devices>/, ''));
    return parseSnapshot(xml).gpus.map((gpu, i) => ({ gpu, text: texts[i] as string }));
  };

  it.each(list('xml'))('%s: slow values', (file) => {
    for (const { gpu, text } of gpusOf(file)) {
      const aggregate = inside(text, 'ecc_errors', 'aggregate') ?? '';
      const parts = (...tags: string[]) =>
        tags.map((tag) => numeric(inside(aggregate, tag))).filter((n) => typeof n === 'number');
      const total = (numbers: number[]) => (numbers.length > 0 ? numbers.reduce((a, b) => a + b, 0) : 'unsupported');
      const old = /<single_bit>/.test(aggregate);
      expect(Object.fromEntries(gpu.values)).toEqual({
        [metricId('pcie_rx')]: numeric(inside(text, 'rx_util')),
        [metricId('pcie_tx')]: numeric(inside(text, 'tx_util')),
        [metricId('pcie_replays')]: numeric(inside(text, 'replay_counter')),
        [metricId('bar1_used_mib')]: numeric(inside(text, 'bar1_memory_usage', 'used')),
        [metricId('ecc_errors_corrected_aggregate')]: old
          ? numeric(inside(aggregate, 'single_bit', 'total'))
          : total(parts('sram_correctable', 'dram_correctable')),
        [metricId('ecc_errors_uncorrected_aggregate')]: old
          ? numeric(inside(aggregate, 'double_bit', 'total'))
          : total(
              parts(
                'sram_uncorrectable',
                'sram_uncorrectable_parity',
                'sram_uncorrectable_secded',
                'dram_uncorrectable',
              ),
            ),
        [metricId('retired_pages_single_bit')]: numeric(
          inside(text, 'multiple_single_bit_retirement', 'retired_count'),
        ),
        [metricId('retired_pages_double_bit')]: numeric(inside(text, 'double_bit_retirement', 'retired_count')),
        [metricId('remapped_rows_correctable')]: numeric(inside(text, 'remapped_row_corr')),
        [metricId('remapped_rows_uncorrectable')]: numeric(inside(text, 'remapped_row_unc')),
      });
    }
  });

  it.each(list('xml'))('%s: attributes and advice, under old tags and new', (file) => {
    for (const { gpu, text } of gpusOf(file)) {
      const word = (...path: string[]) => {
        const said = inside(text, ...path);
        const none = /^(|N\/A|\[?REDACTED\]?|Requested functionality has been deprecated)$/;
        return said === undefined || none.test(said) ? undefined : said;
      };
      const amount = (...path: string[]) => {
        const found = numeric(inside(text, ...path));
        return typeof found === 'number' ? String(found) : undefined;
      };
      const power = text.includes('<gpu_power_readings>') ? 'gpu_power_readings' : 'power_readings';
      expect({
        architecture: gpu.attributes.architecture,
        vbios: gpu.attributes.vbios_version,
        ecc: gpu.attributes.ecc_mode,
        virtual: gpu.attributes.virtualization_mode,
        gen: gpu.attributes.pcie_generation_max,
        limit: gpu.attributes.power_limit_default_watts,
        slowdown: gpu.attributes.temperature_slowdown_celsius,
        advice: gpu.signals.recoveryAction,
        fabric: gpu.signals.fabricState,
        reset: gpu.signals.resetRequired,
      }).toEqual({
        architecture: word('product_architecture'),
        vbios: word('vbios_version'),
        ecc: word('ecc_mode', 'current_ecc'),
        virtual: word('gpu_virtualization_mode', 'virtualization_mode'),
        gen: amount('pcie_gen', 'max_link_gen'),
        limit: amount(power, 'default_power_limit'),
        slowdown: amount('temperature', 'gpu_temp_slow_threshold'),
        advice: word('gpu_recovery_action'),
        fabric: word('fabric', 'state'),
        reset: word('gpu_reset_status', 'reset_required') === undefined ? undefined : false,
      });
      for (const value of Object.values(gpu.attributes)) expect(value).not.toMatch(/N\/A|not supported|deprecated/i);
    }
  });
});

describe('a text for people', () => {
  if (!present) return;
  const columns = chooseColumns(new Set(WISH_LIST));

  it.each(list('text').filter((name) => name.endsWith('.txt')))('%s is no row of the loop and no document', (file) => {
    const text = textOf('text', file);
    let rows = 0;
    const reader = new RoundReader(columns, { row: () => (rows += 1), stray: () => {}, round: () => {} });
    reader.push(text);
    reader.end();
    expect(rows).toBe(0);
    expect(() => parseSnapshot(text)).toThrow(SnapshotError);
  });
});
