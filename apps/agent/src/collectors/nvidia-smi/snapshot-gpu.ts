import { metricId } from '@flotilla/domain';
import type { GpuSignals, Reading } from '../collector.js';
import { compact } from '../gpu/compact.js';
import type { Attributes, GpuDetail, MigDetail, ProcessSeen } from '../gpu/shape.js';
import { readCell } from './cells.js';
import { list, node, number, reading, sum, truth, word, type Node } from './xml-node.js';

const id = metricId;

/** One `<gpu>` of the document; none without a uuid. NVLinks and virtual GPUs are told by other calls. */
export function readGpu(gpu: Node, cudaVersion: string | undefined): GpuDetail[] {
  const uuid = word(gpu['uuid']);
  if (uuid === undefined) return [];
  const mode = word(node(gpu['mig_mode'])['current_mig']);
  return [
    {
      uuid,
      facts: compact({
        busId: word(gpu['@id']) ?? word(node(gpu['pci'])['pci_bus_id']),
        model: word(gpu['product_name'], true),
        serial: word(gpu['serial']),
        memoryTotalMib: number(node(gpu['fb_memory_usage'])['total'], 'MiB'),
        migEnabled: mode === undefined ? undefined : mode === 'Enabled',
      }),
      attributes: readAttributes(gpu, cudaVersion),
      values: readValues(gpu),
      signals: readSignals(gpu),
      nvlinks: [],
      vgpus: [],
      mig: list(node(gpu['mig_devices'])['mig_device']).flatMap(readMig),
      processes: readProcesses(gpu['processes']),
    },
  ];
}

/** What only the document has, or has for less: PCIe throughput (over the 20 ms before), lifetime counters. */
function readValues(gpu: Node): Map<number, Reading> {
  const pci = node(gpu['pci']);
  const retired = node(gpu['retired_pages']);
  const remapped = node(gpu['remapped_rows']);
  const aggregate = node(node(gpu['ecc_errors'])['aggregate']);
  return new Map<number, Reading>([
    [id('pcie_rx'), reading(pci['rx_util'], 'KB/s')],
    [id('pcie_tx'), reading(pci['tx_util'], 'KB/s')],
    [id('pcie_replays'), reading(pci['replay_counter'])],
    [id('bar1_used_mib'), reading(node(gpu['bar1_memory_usage'])['used'], 'MiB')],
    [id('ecc_errors_corrected_aggregate'), corrected(aggregate)],
    [id('ecc_errors_uncorrected_aggregate'), uncorrected(aggregate)],
    [id('retired_pages_single_bit'), reading(node(retired['multiple_single_bit_retirement'])['retired_count'])],
    [id('retired_pages_double_bit'), reading(node(retired['double_bit_retirement'])['retired_count'])],
    [id('remapped_rows_correctable'), reading(remapped['remapped_row_corr'])],
    [id('remapped_rows_uncorrectable'), reading(remapped['remapped_row_unc'])],
  ]);
}

/** Before Ampere by single and double bits with a total; since then by the memory's kind; since 535 SRAM twice. */
function corrected(errors: Node): Reading {
  if ('single_bit' in errors) return reading(node(errors['single_bit'])['total']);
  return sum(reading(errors['sram_correctable']), reading(errors['dram_correctable']));
}
function uncorrected(errors: Node): Reading {
  if ('double_bit' in errors) return reading(node(errors['double_bit'])['total']);
  return sum(
    reading(errors['sram_uncorrectable']),
    reading(errors['sram_uncorrectable_parity']),
    reading(errors['sram_uncorrectable_secded']),
    reading(errors['dram_uncorrectable']),
  );
}

function readSignals(gpu: Node): GpuSignals {
  const ecc = node(gpu['ecc_errors']);
  const reset = node(gpu['gpu_reset_status']);
  const fabric = node(gpu['fabric']);
  const repairs = [truth(ecc['channel_repair_pending']), truth(ecc['tpc_repair_pending'])];
  return compact({
    recoveryAction: word(gpu['gpu_recovery_action']),
    sramThresholdExceeded: truth(node(ecc['aggregate'])['sram_threshold_exceeded']),
    repairPending: repairs.includes(true) ? true : repairs.includes(false) ? false : undefined,
    unrepairableMemory: truth(ecc['unrepairable_memory']),
    resetRequired: truth(reset['reset_required']),
    drainAndResetRecommended: truth(reset['drain_and_reset_recommended']),
    fabricState: word(fabric['state']),
    fabricStatus: word(fabric['status']),
  });
}

function readAttributes(gpu: Node, cudaVersion: string | undefined): Attributes {
  const ecc = node(gpu['ecc_mode']);
  const virtual = node(gpu['gpu_virtualization_mode']);
  const link = node(node(gpu['pci'])['pci_gpu_link_info']);
  // 535 and newer; before that one group of another name
  const power = node(gpu['gpu_power_readings'] ?? gpu['power_readings']);
  const clocks = node(gpu['max_clocks']);
  const heat = node(gpu['temperature']);
  const fabric = node(gpu['fabric']);
  const platform = node(gpu['platformInfo']);
  const amount = (value: unknown, unit: string) => {
    const found = number(value, unit);
    return found === undefined ? undefined : String(found);
  };
  return compact({
    architecture: word(gpu['product_architecture']),
    brand: word(gpu['product_brand']),
    vbios_version: word(gpu['vbios_version']),
    gsp_firmware_version: word(gpu['gsp_firmware_version']),
    cuda_version: cudaVersion,
    compute_mode: word(gpu['compute_mode']),
    persistence_mode: word(gpu['persistence_mode']),
    ecc_mode: word(ecc['current_ecc']),
    ecc_mode_pending: word(ecc['pending_ecc']),
    mig_mode_pending: word(node(gpu['mig_mode'])['pending_mig']),
    virtualization_mode: word(virtual['virtualization_mode']),
    host_vgpu_mode: word(virtual['host_vgpu_mode']),
    addressing_mode: word(gpu['addressing_mode']),
    board_part_number: word(gpu['board_part_number']),
    gpu_part_number: word(gpu['gpu_part_number']),
    pcie_generation_max: amount(node(link['pcie_gen'])['max_link_gen'], ''),
    pcie_width_max: amount(node(link['link_widths'])['max_link_width'], 'x'),
    power_limit_default_watts: amount(power['default_power_limit'], 'W'),
    power_limit_min_watts: amount(power['min_power_limit'], 'W'),
    power_limit_max_watts: amount(power['max_power_limit'], 'W'),
    sm_clock_max_mhz: amount(clocks['sm_clock'], 'MHz'),
    memory_clock_max_mhz: amount(clocks['mem_clock'], 'MHz'),
    temperature_slowdown_celsius: amount(heat['gpu_temp_slow_threshold'], 'C'),
    temperature_shutdown_celsius: amount(heat['gpu_temp_max_threshold'], 'C'),
    fabric_state: word(fabric['state']),
    fabric_status: word(fabric['status']),
    fabric_clique_id: word(fabric['cliqueId']),
    fabric_cluster_uuid: word(fabric['clusterUuid']),
    chassis_serial_number: word(platform['chassis_serial_number']),
    slot_number: word(platform['slot_number']),
    module_id: word(platform['module_id']) ?? word(gpu['gpu_module_id']),
  });
}

/** A MIG instance. Its utilisation is not to be had from nvidia-smi, which is not the same as idle. */
function readMig(device: Node): MigDetail[] {
  const index = number(device['index']);
  const gpuInstance = number(device['gpu_instance_id']);
  const computeInstance = number(device['compute_instance_id']);
  if (index === undefined || gpuInstance === undefined || computeInstance === undefined) return [];
  const memory = node(device['fb_memory_usage']);
  const volatile = node(node(device['ecc_error_count'])['volatile_count']);
  const attributes = node(node(device['device_attributes'])['shared']);
  return [
    compact({
      index,
      gpuInstance,
      computeInstance,
      uuid: word(device['uuid']),
      memoryTotalMib: number(memory['total'], 'MiB'),
      attributes: compact({ multiprocessors: word(attributes['multiprocessor_count']) }),
      values: new Map<number, Reading>([
        [id('gpu_utilization'), 'unsupported'],
        [id('memory_used_mib'), reading(memory['used'], 'MiB')],
        [id('memory_total_mib'), reading(memory['total'], 'MiB')],
        [id('memory_reserved_mib'), reading(memory['reserved'], 'MiB')],
        [id('memory_free_mib'), reading(memory['free'], 'MiB')],
        [id('bar1_used_mib'), reading(node(device['bar1_memory_usage'])['used'], 'MiB')],
        [id('ecc_errors_uncorrected'), reading(volatile['sram_uncorrectable'])],
      ]),
    }),
  ];
}

function readProcesses(value: unknown): ProcessSeen[] | null {
  const words = typeof value === 'string' ? readCell(value) : null;
  if (words?.kind === 'absent' && words.spelling !== '') return null;
  return list(node(value)['process_info']).flatMap((info) => {
    const pid = number(info['pid']);
    if (pid === undefined) return [];
    const type = word(info['type'], true) ?? '';
    return [
      compact({
        pid,
        type: type === 'C' || type === 'G' || type === 'C+G' ? type : ('' as const),
        name: word(info['process_name']) ?? '',
        usedMemoryMib: number(info['used_memory'], 'MiB'),
        gpuInstance: number(info['gpu_instance_id']),
        computeInstance: number(info['compute_instance_id']),
      }),
    ];
  });
}
