import type { PriceSheet } from './sheet.js';

/**
 * Azure: GPU sizes with their pay-as-you-go list prices (Linux) in five regions. GPU and count follow the size's name,
 * by hand; `-` is not known. A fraction of a GPU counts 0. Every one of these sizes has a local temporary disk, which
 * loses its content when the machine is deallocated. The prefix `Standard_` is left out.
 *
 * type, GPU, count, MiB of each, then USD an hour in each region
 */
export const AZURE: PriceSheet = {
  provider: 'azure',
  source: 'Azure retail list prices (Linux), as generated for Azure/karpenter-provider-azure',
  asOf: '2026-06-18',
  regions: ['eastus', 'westus3', 'westeurope', 'southcentralus', 'swedencentral'],
  prefix: 'Standard_',
  hasInstanceStore: true,
  columns: ['type', 'gpu', 'gpus', 'gpuMib', 'price', 'price', 'price', 'price', 'price'],
  rows: `
NC128ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 6.38 - - - -
NC128lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 5.5 - - - -
NC12_Promo k80 2 12288 0.792 - 1.03 0.95 -
NC12s_v3 v100 2 16384 6.12 6.12 7.646 6.732 -
NC132ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 6.38 - 9.129 7.656 8.294
NC132lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 5.5 - 7.87 6.6 7.15
NC144ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 5.5 - 7.87 6.6 7.15
NC144lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 5.5 - 7.87 6.6 7.15
NC16ads_A10_v4 a10 - 24576 - 2.2 2.86 2.64 -
NC16as_T4_v3 t4 1 16384 1.204 1.204 1.505 1.445 1.276
NC16lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 1.13 - - - -
NC24_Promo k80 4 12288 1.584 - 2.059 1.901 -
NC24ads_A100_v4 a100-80gb 1 81920 3.673 3.673 4.775 4.408 4.775
NC24lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 1.13 - 1.617 1.356 1.469
NC24r_Promo k80 4 12288 1.742 - 2.265 2.091 -
NC24rs_v3 v100 4 16384 13.46 13.46 16.821 14.8104 -
NC24s_v3 v100 4 16384 12.24 12.24 15.292 13.464 -
NC256ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 12.76 - - - -
NC256lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 11.0 - - - -
NC264ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 12.76 - 18.258 15.312 16.588
NC264lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 11.0 - 15.74 13.2 14.3
NC288ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 11.0 - 15.74 13.2 14.3
NC288lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 11.0 - 15.74 13.2 14.3
NC320ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 16.588 - - - -
NC320lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 14.3 - - - -
NC324ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 16.588 - 23.736 19.906 21.564
NC324lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 14.3 - 20.462 17.16 18.59
NC32ads_A10_v4 a10 - 24576 - 4.4 5.72 5.28 -
NC32ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 1.442 - - - -
NC32lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 1.243 - - - -
NC36ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 1.442 - 2.063 1.73 1.874
NC36lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 1.243 - 1.779 1.492 1.616
NC40ads_H100_v5 h100-nvl 1 96256 6.98 6.98 9.08 8.38 9.074
NC48ads_A100_v4 a100-80gb 2 81920 7.346 7.346 9.55 8.815 9.55
NC4as_T4_v3 t4 1 16384 0.526 0.526 0.658 0.631 0.558
NC64as_T4_v3 t4 4 16384 4.352 4.352 5.44 5.222 4.603
NC64ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 2.83 - - - -
NC64lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 2.44 - - - -
NC6_Promo k80 1 12288 0.396 - 0.515 0.475 -
NC6s_v3 v100 1 16384 3.06 3.06 3.823 3.366 -
NC72ds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 2.83 - 4.05 3.396 3.68
NC72lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 2.44 - 3.491 2.928 3.172
NC80adis_H100_v5 h100-nvl 2 96256 13.96 13.96 18.16 16.76 18.148
NC8ads_A10_v4 a10 - 24576 - 1.1 1.43 1.32 -
NC8as_T4_v3 t4 1 16384 0.752 0.752 0.94 0.902 0.796
NC8lds_xl_RTXPRO6000BSE_v6 rtx-pro-6000 - - 0.55 - - - -
NC96ads_A100_v4 a100-80gb 4 81920 14.692 14.692 19.1 17.63 19.1
NCC40ads_H100_v5 h100-nvl 1 96256 - - 10.74 9.73 -
ND128isr_NDR_GB200_v6 gb200 4 190464 108.16 108.16 - - -
ND40rs_v2 v100-32gb 8 32768 22.032 - 27.526 26.438 -
ND40s_v2 v100-32gb 8 32768 12.24 - 18.03 14.688 12.24
ND96ams_A100_v4 a100-80gb 8 81920 32.77 32.77 40.962 39.324 40.962
ND96amsr_A100_v4 a100-80gb 8 81920 32.77 32.77 40.962 39.324 40.962
ND96asr_A100_v4 a100-40gb 8 40960 27.197 27.197 35.357 32.63 -
ND96asr_v4 a100-40gb 8 40960 27.197 - 35.357 32.63 -
ND96is_H100_v5 h100 8 81920 88.488 88.488 115.034 106.171 115.034
ND96is_MI300X_v5 mi300x 8 196608 - 48.0 - - 67.2
ND96is_flex_H100_v5 h100 8 81920 88.488 88.488 115.034 106.186 115.034
ND96is_noIB_H100_v5 h100 8 81920 88.488 88.488 115.034 106.171 115.034
ND96isf_H100_v5 h100 8 81920 - - - - 115.034
ND96isr_H100_v5 h100 8 81920 98.32 98.32 127.816 117.968 127.816
ND96isr_H200_v5 h200 8 144384 - 84.8 - - 110.272
ND96isr_MI300X_v5 mi300x 8 196608 - 48.0 - - 67.2
ND96isrf_H100_v5 h100 8 81920 98.32 - - - 127.816
NG16ads_V620_v1 radeon-pro-v620 - - - 1.27 1.651 - 1.651
NG32adms_V620 radeon-pro-v620 - - - 3.302 4.293 - 4.293
NG32ads_V620_v1 radeon-pro-v620 - - - 2.54 3.302 - 3.302
NG8ads_V620_v1 radeon-pro-v620 - - - 0.635 0.826 - 0.826
NV12_Promo m60 2 8192 1.368 - 1.639 1.38 -
NV12ads_A10_v5 a10 0 24576 0.908 0.908 1.18 1.09 1.18
NV12ads_V710_v5 radeon-pro-v710 0 - 1.0 - 1.3 1.2 -
NV12s_v2 m60 2 8192 - - - 1.368 -
NV12s_v3 m60 1 8192 1.14 - 1.426 1.368 -
NV16as_v4 radeon-mi25 0 16384 0.932 0.932 1.165 1.118 1.305
NV18ads_A10_v5 a10 0 24576 1.6 1.6 2.08 1.92 2.08
NV24_Promo m60 4 8192 2.736 - 3.278 2.76 -
NV24ads_V710_v5 radeon-pro-v710 1 - 2.0 - 2.6 2.4 -
NV24s_v2 m60 4 8192 - - - 2.736 -
NV24s_v3 m60 2 8192 2.28 - 2.85 2.736 -
NV28adms_V710_v5 radeon-pro-v710 1 - 2.4 - 3.12 2.88 -
NV32as_v4 radeon-mi25 1 16384 1.864 1.864 2.33 2.237 2.61
NV36adms_A10_v5 a10 1 24576 4.52 4.52 5.876 5.424 5.876
NV36ads_A10_v5 a10 1 24576 3.2 3.2 4.16 3.84 4.16
NV48s_v3 m60 4 8192 4.56 - 5.7 5.472 -
NV4ads_V710_v5 radeon-pro-v710 0 - 0.333 - 0.433 0.4 -
NV4as_v4 radeon-mi25 0 16384 0.233 0.233 0.291 0.28 0.326
NV6_Promo m60 1 8192 0.684 - 0.819 0.69 -
NV6ads_A10_v5 a10 0 24576 0.454 0.454 0.59 0.545 0.59
NV6s_v2 m60 1 8192 - - - 0.684 -
NV72ads_A10_v5 a10 2 24576 6.52 6.52 8.476 7.824 8.476
NV8ads_V710_v5 radeon-pro-v710 0 - 0.667 - 0.867 0.8 -
NV8as_v4 radeon-mi25 0 16384 0.466 0.466 0.582 0.559 0.652
`,
};
