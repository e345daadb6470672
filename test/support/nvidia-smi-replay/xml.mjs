/** `nvidia-smi -q -x` made from the values of a capture: the tags that drivers 535 and newer use, one <gpu> each. */

const escape = (text) => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** XML says N/A without brackets. */
const bare = (cell) => escape(cell.replace(/^\[(.*)\]$/, '$1'));

/** [path, field, unit that the text lacks]: nested tags in the order of the real document. */
const TAGS = [
  ['product_name', 'name'],
  ['product_architecture', 'architecture'],
  ['persistence_mode', 'persistence_mode'],
  ['addressing_mode', 'addressing_mode'],
  ['mig_mode/current_mig', 'mig.mode.current'],
  ['mig_mode/pending_mig', 'mig.mode.pending'],
  ['@mig_devices'],
  ['driver_model/current_dm', 'driver_model.current'],
  ['serial', 'serial'],
  ['uuid', 'uuid'],
  ['minor_number', 'index'],
  ['vbios_version', 'vbios_version'],
  ['gpu_virtualization_mode/virtualization_mode', 'virtualization_mode'],
  ['gpu_virtualization_mode/host_vgpu_mode', 'host_vgpu_mode'],
  ['gpu_recovery_action', 'gpu_recovery_action'],
  ['pci/pci_bus_id', 'pci.bus_id'],
  ['pci/pci_device_id', 'pci.device_id'],
  ['pci/pci_gpu_link_info/pcie_gen/max_link_gen', 'pcie.link.gen.max'],
  ['pci/pci_gpu_link_info/pcie_gen/current_link_gen', 'pcie.link.gen.current'],
  ['pci/pci_gpu_link_info/link_widths/max_link_width', 'pcie.link.width.max', 'x'],
  ['pci/pci_gpu_link_info/link_widths/current_link_width', 'pcie.link.width.current', 'x'],
  ['pci/replay_counter', 'pcie.replays'],
  ['pci/tx_util', 'pcie.tx', ' KB/s'],
  ['pci/rx_util', 'pcie.rx', ' KB/s'],
  ['fan_speed', 'fan.speed'],
  ['performance_state', 'pstate'],
  ['fb_memory_usage/total', 'memory.total'],
  ['fb_memory_usage/reserved', 'memory.reserved'],
  ['fb_memory_usage/used', 'memory.used'],
  ['fb_memory_usage/free', 'memory.free'],
  ['bar1_memory_usage/used', 'bar1.used', ' MiB'],
  ['compute_mode', 'compute_mode'],
  ['utilization/gpu_util', 'utilization.gpu'],
  ['utilization/memory_util', 'utilization.memory'],
  ['utilization/encoder_util', 'utilization.encoder'],
  ['utilization/decoder_util', 'utilization.decoder'],
  ['utilization/jpeg_util', 'utilization.jpeg'],
  ['utilization/ofa_util', 'utilization.ofa'],
  ['ecc_mode/current_ecc', 'ecc.mode.current'],
  ['ecc_mode/pending_ecc', 'ecc.mode.pending'],
  ['ecc_errors/aggregate/sram_correctable', 'ecc.errors.corrected.aggregate.sram'],
  ['ecc_errors/aggregate/sram_uncorrectable_parity', 'ecc.errors.uncorrected.aggregate.sram.parity'],
  ['ecc_errors/aggregate/sram_uncorrectable_secded', 'ecc.errors.uncorrected.aggregate.sram.secded'],
  ['ecc_errors/aggregate/dram_correctable', 'ecc.errors.corrected.aggregate.dram'],
  ['ecc_errors/aggregate/dram_uncorrectable', 'ecc.errors.uncorrected.aggregate.dram'],
  ['ecc_errors/aggregate/sram_threshold_exceeded', 'ecc.errors.uncorrected.aggregate.sram.thresholdExceeded'],
  ['retired_pages/multiple_single_bit_retirement/retired_count', 'retired_pages.single_bit_ecc.count'],
  ['retired_pages/double_bit_retirement/retired_count', 'retired_pages.double_bit.count'],
  ['retired_pages/pending_retirement', 'retired_pages.pending'],
  ['remapped_rows/remapped_row_corr', 'remapped_rows.correctable'],
  ['remapped_rows/remapped_row_unc', 'remapped_rows.uncorrectable'],
  ['remapped_rows/remapped_row_pending', 'remapped_rows.pending'],
  ['remapped_rows/remapped_row_failure', 'remapped_rows.failure'],
  ['temperature/gpu_temp', 'temperature.gpu', ' C'],
  ['temperature/gpu_temp_tlimit', 'temperature.gpu.tlimit', ' C'],
  ['temperature/memory_temp', 'temperature.memory', ' C'],
  ['gpu_power_readings/average_power_draw', 'power.draw.average'],
  ['gpu_power_readings/instant_power_draw', 'power.draw.instant'],
  ['gpu_power_readings/current_power_limit', 'enforced.power.limit'],
  ['gpu_power_readings/default_power_limit', 'power.default_limit'],
  ['clocks/graphics_clock', 'clocks.current.graphics'],
  ['clocks/sm_clock', 'clocks.current.sm'],
  ['clocks/mem_clock', 'clocks.current.memory'],
  ['clocks/video_clock', 'clocks.current.video'],
  ['fabric/state', 'fabric.state'],
  ['fabric/status', 'fabric.status'],
  ['@processes'],
];

function migDevices(gpu) {
  if (gpu.mig.length === 0) return '\t\t<mig_devices>\n\t\t\tNone\n\t\t</mig_devices>\n';
  const devices = gpu.mig.map(
    (m) =>
      `\t\t\t<mig_device>\n\t\t\t\t<index>${m.index}</index>\n\t\t\t\t<gpu_instance_id>${m.gpuInstance}</gpu_instance_id>\n` +
      `\t\t\t\t<compute_instance_id>${m.computeInstance}</compute_instance_id>\n` +
      `\t\t\t\t<device_attributes>\n\t\t\t\t\t<shared>\n\t\t\t\t\t\t<multiprocessor_count>${m.multiprocessors}` +
      `</multiprocessor_count>\n\t\t\t\t\t</shared>\n\t\t\t\t</device_attributes>\n` +
      `\t\t\t\t<fb_memory_usage>\n\t\t\t\t\t<total>${m.total}</total>\n\t\t\t\t\t<reserved>${m.reserved}</reserved>\n` +
      `\t\t\t\t\t<used>${m.used}</used>\n\t\t\t\t\t<free>${m.free}</free>\n\t\t\t\t</fb_memory_usage>\n\t\t\t</mig_device>\n`,
  );
  return `\t\t<mig_devices>\n${devices.join('')}\t\t</mig_devices>\n`;
}

function processes(gpu) {
  const rows = gpu.processes.map(
    (p) =>
      `\t\t\t<process_info>\n\t\t\t\t<gpu_instance_id>${p.gpuInstance ?? 'N/A'}</gpu_instance_id>\n` +
      `\t\t\t\t<compute_instance_id>${p.computeInstance ?? 'N/A'}</compute_instance_id>\n` +
      `\t\t\t\t<pid>${p.pid}</pid>\n\t\t\t\t<type>${p.type ?? 'C'}</type>\n` +
      `\t\t\t\t<process_name>${escape(p.name)}</process_name>\n\t\t\t\t<used_memory>${bare(String(p.usedMemory))}` +
      `</used_memory>\n\t\t\t</process_info>\n`,
  );
  return `\t\t<processes>\n${rows.join('')}\t\t</processes>\n`;
}

function gpuXml(gpu) {
  let text = `\t<gpu id="${bare(gpu.cells.get('pci.bus_id')?.cell ?? `00000000:0${gpu.index}:00.0`)}">\n`;
  let open = [];
  const indent = (depth) => '\t'.repeat(depth + 2);
  /** Closes what is open and not on the way to the next tag, opens what is missing. */
  const moveTo = (groups) => {
    let same = 0;
    while (same < groups.length && groups[same] === open[same]) same += 1;
    for (let i = open.length - 1; i >= same; i -= 1) text += `${indent(i)}</${open[i]}>\n`;
    for (let i = same; i < groups.length; i += 1) text += `${indent(i)}<${groups[i]}>\n`;
    open = groups;
  };
  for (const [path, field, unit] of TAGS) {
    if (path === '@mig_devices' || path === '@processes') {
      moveTo([]);
      text += path === '@processes' ? processes(gpu) : migDevices(gpu);
      continue;
    }
    const cell = gpu.cells.get(field)?.cell;
    if (cell === undefined) continue;
    const shown = unit && /^-?\d+$/.test(cell) ? `${cell}${unit}` : bare(cell);
    const groups = path.split('/');
    const tag = groups.pop();
    moveTo(groups);
    text += `${indent(groups.length)}<${tag}>${shown}</${tag}>\n`;
  }
  moveTo([]);
  return `${text}\t</gpu>\n`;
}

export function logXml(gpus, attached, driverVersion) {
  return (
    '<?xml version="1.0" ?>\n<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v13.dtd">\n<nvidia_smi_log>\n' +
    `\t<timestamp>${new Date().toUTCString()}</timestamp>\n\t<driver_version>${escape(driverVersion)}</driver_version>\n` +
    `\t<cuda_version>13.1</cuda_version>\n\t<attached_gpus>${attached}</attached_gpus>\n` +
    `${gpus.map(gpuXml).join('\n')}\n</nvidia_smi_log>\n`
  );
}
