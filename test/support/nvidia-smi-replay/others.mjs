/** `nvidia-smi nvlink …` and `nvidia-smi vgpu -q`, in the words of the real tool. */

const head = (gpu) => `GPU ${gpu.index}: ${gpu.cells.get('name')?.cell} (UUID: ${gpu.cells.get('uuid')?.cell})\n`;

/** What one GPU answers; the scenario's own links win over what the capture printed for `-s`. */
function linksOf(gpu, ask, seconds) {
  if (gpu.cells.get('mig.mode.current')?.cell === 'Enabled') {
    return 'Nvlink queries are not supported for Devices in MIG mode\n';
  }
  if (!gpu.nvlinks) {
    if (ask === 'state' && gpu.capturedLinks) return gpu.capturedLinks;
    return 'Device does not have or support Nvlink\n';
  }
  return gpu.nvlinks
    .map((link, i) => {
      const line = (said) => `\t Link ${i}: ${said}\n`;
      if (ask === 'state') return line(link.inactive ? '<inactive>' : link.speed);
      if (link.inactive) return '';
      if (ask === 'errors') {
        return (
          line(`Replay Errors: ${link.replayErrors ?? 0}`) +
          line(`Recovery Errors: ${link.recoveryErrors ?? 0}`) +
          `${line(`CRC Errors: ${link.crcErrors ?? 0}`)}\n`
        );
      }
      const kib = (rate) => (rate === undefined ? 'N/A' : `${Math.round(rate * seconds)} KiB`);
      return line(`Data Tx: ${kib(link.txKibPerS)}`) + line(`Data Rx: ${kib(link.rxKibPerS)}`);
    })
    .join('');
}

/** @param seconds for which the links have been counting */
export function nvlinkText(gpus, argv, seconds) {
  const ask = argv.includes('-s') ? 'state' : argv.includes('-e') ? 'errors' : 'data';
  return gpus.map((gpu) => head(gpu) + linksOf(gpu, ask, seconds)).join('');
}

export function vgpuText(gpus) {
  const field = (depth, key, value) => `${`${'    '.repeat(depth)}${key}`.padEnd(42)}: ${value}\n`;
  return gpus
    .map((gpu) => {
      const vgpus = gpu.vgpus ?? [];
      const one = (v) =>
        field(1, 'vGPU ID', v.id) +
        field(2, 'VM UUID', v.vmUuid ?? '') +
        field(2, 'VM Name', v.vmName ?? '') +
        field(2, 'vGPU Name', v.name) +
        field(2, 'vGPU UUID', v.uuid ?? '') +
        field(2, 'License Status', v.license ?? 'N/A') +
        '        FB Memory Usage\n' +
        field(3, 'Total', v.total) +
        field(3, 'Used', v.used) +
        '        Utilization\n' +
        field(3, 'Gpu', '0 %');
      return `GPU ${gpu.cells.get('pci.bus_id')?.cell}\n${field(1, 'Active vGPUs', vgpus.length)}${vgpus.map(one).join('')}\n`;
    })
    .join('');
}
