import type { PriceSheet } from './sheet.js';

/** When the undated lists below were taken over. */
const TAKEN = '2026-11-22';

export const LAMBDA: PriceSheet = {
  provider: 'lambda',
  source: 'Lambda on-demand prices, from skypilot-catalog v8 (undated)',
  asOf: TAKEN,
  regions: ['us-east-1'],
  columns: ['type', 'gpu', 'gpus', 'gpuMib', 'vcpus', 'mib', 'price'],
  rows: `
gpu_1x_a10 a10 1 24576 30 204800 1.29
gpu_1x_a6000 a6000 1 49152 14 102400 1.09
gpu_2x_a6000 a6000 2 49152 28 204800 2.18
gpu_4x_a6000 a6000 4 49152 56 409600 4.36
gpu_1x_h100_pcie h100 1 81920 26 204800 3.29
gpu_1x_h100_sxm5 h100 1 81920 26 230400 4.29
gpu_2x_h100_sxm5 h100 2 81920 52 460800 8.38
gpu_4x_h100_sxm5 h100 4 81920 104 921600 16.36
gpu_8x_a100_80gb_sxm4 a100-80gb 8 81920 240 1843200 22.32
gpu_8x_v100_n v100 8 16384 88 458752 6.32
`,
};

export const RUNPOD: PriceSheet = {
  provider: 'runpod',
  source: 'RunPod prices, from skypilot-catalog v8 (undated)',
  asOf: TAKEN,
  regions: ['US-TX-3'],
  columns: ['type', 'gpu', 'gpus', 'gpuMib', 'vcpus', 'mib', 'price', 'spot'],
  rows: `
1x_A100-80GB_SECURE a100-80gb 1 81920 8 119808 1.39 1.39
2x_A100-80GB_SECURE a100-80gb 2 81920 16 239616 2.78 2.78
`,
};

export const GCP_TPUS: PriceSheet = {
  provider: 'gcp',
  source: 'Google Cloud prices, from skypilot-catalog v8 (undated)',
  asOf: TAKEN,
  regions: ['us-central1'],
  columns: ['type', 'gpu', 'gpus', 'price', 'spot'],
  rows: `
tpu-v6e-4 tpu-v6e 4 10.8 2.17683
tpu-v6e-8 tpu-v6e 8 21.6 4.35366
`,
};

/**
 * Google Cloud's machine types with GPUs of their own: what they are, without a price, because none was at hand. Local
 * SSD is part of a2-ultragpu, a3 and a4; on a2-highgpu and g2 it is the customer's choice, so nobody knows from the type.
 */
export const GCP_GPUS: PriceSheet = {
  provider: 'gcp',
  source: "Google Cloud's machine type pages, by hand",
  asOf: TAKEN,
  regions: [],
  columns: ['type', 'gpu', 'gpus', 'gpuMib', 'vcpus', 'mib', 'storeGb'],
  rows: `
a2-highgpu-1g a100 1 40960 12 87040 -
a2-highgpu-2g a100 2 40960 24 174080 -
a2-highgpu-4g a100 4 40960 48 348160 -
a2-highgpu-8g a100 8 40960 96 696320 -
a2-megagpu-16g a100 16 40960 96 1392640 -
a2-ultragpu-1g a100-80gb 1 81920 12 174080 375
a2-ultragpu-2g a100-80gb 2 81920 24 348160 750
a2-ultragpu-4g a100-80gb 4 81920 48 696320 1500
a2-ultragpu-8g a100-80gb 8 81920 96 1392640 3000
a3-highgpu-8g h100 8 81920 208 1916928 6000
a3-megagpu-8g h100 8 81920 208 1916928 6000
a3-ultragpu-8g h200 8 144384 224 3022848 12000
a4-highgpu-8g b200 8 184320 224 4063232 12000
g2-standard-4 l4 1 24576 4 16384 -
g2-standard-8 l4 1 24576 8 32768 -
g2-standard-12 l4 1 24576 12 49152 -
g2-standard-16 l4 1 24576 16 65536 -
g2-standard-24 l4 2 24576 24 98304 -
g2-standard-32 l4 1 24576 32 131072 -
g2-standard-48 l4 4 24576 48 196608 -
g2-standard-96 l4 8 24576 96 393216 -
`,
};
