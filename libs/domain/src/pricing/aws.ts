import type { PriceSheet } from './sheet.js';

/**
 * AWS: GPU and accelerator instances with their on-demand list prices for Linux in us-east-1. A fraction of a GPU
 * (g6f, gr6f) counts 0. A `*` marks specifications by hand from AWS's public pages (types that are not sold to new
 * accounts any more). No other region is listed: prices differ, and one that nobody published here is not known.
 *
 * type, GPU, count, MiB of each, vCPUs, MiB of memory, GB of instance store, USD an hour
 */
export const AWS: PriceSheet = {
  provider: 'aws',
  source: 'AWS on-demand list prices (Linux), as generated for aws/karpenter-provider-aws',
  asOf: '2026-07-20',
  regions: ['us-east-1'],
  columns: ['type', 'gpu', 'gpus', 'gpuMib', 'vcpus', 'mib', 'storeGb', 'price', 'mark'],
  rows: `
dl1.24xlarge gaudi-hl-205 8 32768 96 786432 4000 13.10904 *
dl2q.24xlarge qualcomm-ai100 8 - 96 786432 0 -
g3.16xlarge m60 4 8192 64 499712 0 4.56 *
g3.4xlarge m60 1 8192 16 124928 0 1.14 *
g3.8xlarge m60 2 8192 32 249856 0 2.28 *
g3s.xlarge m60 1 8192 4 31232 0 0.75 *
g4ad.16xlarge radeon-pro-v520 4 8192 64 262144 2400 3.468
g4ad.2xlarge radeon-pro-v520 1 8192 8 32768 300 0.54117
g4ad.4xlarge radeon-pro-v520 1 8192 16 65536 600 0.867
g4ad.8xlarge radeon-pro-v520 2 8192 32 131072 1200 1.734
g4ad.xlarge radeon-pro-v520 1 8192 4 16384 150 0.37853
g4dn.12xlarge t4 4 16384 48 196608 900 3.912
g4dn.16xlarge t4 1 16384 64 262144 900 4.352
g4dn.2xlarge t4 1 16384 8 32768 225 0.752
g4dn.4xlarge t4 1 16384 16 65536 225 1.204
g4dn.8xlarge t4 1 16384 32 131072 900 2.176
g4dn.metal t4 8 16384 96 393216 1800 7.824
g4dn.xlarge t4 1 16384 4 16384 125 0.526
g5.12xlarge a10g 4 22888 48 196608 3800 5.672
g5.16xlarge a10g 1 22888 64 262144 1900 4.096
g5.24xlarge a10g 4 22888 96 393216 3800 8.144
g5.2xlarge a10g 1 22888 8 32768 450 1.212
g5.48xlarge a10g 8 22888 192 786432 7600 16.288
g5.4xlarge a10g 1 22888 16 65536 600 1.624
g5.8xlarge a10g 1 22888 32 131072 900 2.448
g5.xlarge a10g 1 22888 4 16384 250 1.006
g5g.16xlarge t4g 2 16384 64 131072 0 2.744
g5g.2xlarge t4g 1 16384 8 16384 0 0.556
g5g.4xlarge t4g 1 16384 16 32768 0 0.828
g5g.8xlarge t4g 1 16384 32 65536 0 1.372
g5g.metal t4g 2 16384 64 131072 0 2.744
g5g.xlarge t4g 1 16384 4 8192 0 0.42
g6.12xlarge l4 4 22888 48 196608 3760 4.6016
g6.16xlarge l4 1 22888 64 262144 1880 3.3968
g6.24xlarge l4 4 22888 96 393216 3760 6.6752
g6.2xlarge l4 1 22888 8 32768 450 0.9776
g6.48xlarge l4 8 22888 192 786432 7520 13.3504
g6.4xlarge l4 1 22888 16 65536 600 1.3232
g6.8xlarge l4 1 22888 32 131072 900 2.0144
g6.xlarge l4 1 22888 4 16384 250 0.8048
g6e.12xlarge l40s 4 45776 48 393216 3800 10.49264
g6e.16xlarge l40s 1 45776 64 524288 1900 7.57719
g6e.24xlarge l40s 4 45776 96 786432 3800 15.06559
g6e.2xlarge l40s 1 45776 8 65536 450 2.24208
g6e.48xlarge l40s 8 45776 192 1572864 7600 30.13118
g6e.4xlarge l40s 1 45776 16 131072 600 3.00424
g6e.8xlarge l40s 1 45776 32 262144 900 4.52856
g6e.xlarge l40s 1 45776 4 32768 250 1.861
g6f.2xlarge l4 0 5722 8 32768 200 0.475
g6f.4xlarge l4 0 11444 16 65536 450 0.95
g6f.large l4 0 2861 2 8192 100 0.202
g6f.xlarge l4 0 2861 4 16384 100 0.2375
g7.12xlarge rtx-pro-4500 2 32768 48 196608 1900 7.12832
g7.24xlarge rtx-pro-4500 4 32768 96 393216 3800 14.25664
g7.2xlarge rtx-pro-4500 1 32768 8 32768 440 2.52
g7.48xlarge rtx-pro-4500 8 32768 192 786432 7600 28.51328
g7.4xlarge rtx-pro-4500 1 32768 16 65536 875 3.04208
g7.8xlarge rtx-pro-4500 1 32768 32 131072 930 4.08624
g7e.12xlarge rtx-pro-server-6000 2 98304 48 524288 3800 8.28608
g7e.24xlarge rtx-pro-server-6000 4 98304 96 1048576 7600 16.57216
g7e.2xlarge rtx-pro-server-6000 1 98304 8 65536 1900 3.36312
g7e.48xlarge rtx-pro-server-6000 8 98304 192 2097152 15200 33.14432
g7e.4xlarge rtx-pro-server-6000 1 98304 16 131072 1900 3.99816
g7e.8xlarge rtx-pro-server-6000 1 98304 32 262144 1900 5.26824
gr6.4xlarge l4 1 22888 16 131072 600 1.5392
gr6.8xlarge l4 1 22888 32 262144 900 2.4464
gr6f.4xlarge l4 0 11444 16 131072 450 1.066
inf1.24xlarge inferentia 16 - 96 196608 0 4.721
inf1.2xlarge inferentia 1 - 8 16384 0 0.362
inf1.6xlarge inferentia 4 - 24 49152 0 1.18
inf1.xlarge inferentia 1 - 4 8192 0 0.228
inf2.24xlarge inferentia2 6 - 96 393216 0 6.49063
inf2.48xlarge inferentia2 12 - 192 786432 0 12.98127
inf2.8xlarge inferentia2 1 - 32 131072 0 1.96786
inf2.xlarge inferentia2 1 - 4 16384 0 0.7582
p2.16xlarge k80 16 12288 64 749568 0 14.4 *
p2.8xlarge k80 8 12288 32 499712 0 7.2 *
p2.xlarge k80 1 12288 4 62464 0 0.9 *
p3.16xlarge v100 8 16384 64 499712 0 24.48 *
p3.2xlarge v100 1 16384 8 62464 0 3.06 *
p3.8xlarge v100 4 16384 32 249856 0 12.24 *
p3dn.24xlarge v100 8 32768 96 786432 1800 31.212
p4d.24xlarge a100 8 40960 96 1179648 8000 21.957642
p4de.24xlarge a100 8 81920 96 1179648 8000 27.44705
p5.48xlarge h100 8 81920 192 2097152 30400 55.04
p5.4xlarge h100 1 81920 16 262144 3800 6.88
p5e.48xlarge h200 8 144384 192 2097152 30400 -
p5en.48xlarge h200 8 144384 192 2097152 30400 63.296
p6-b200.48xlarge b200 8 183359 192 2097152 30400 113.9328
p6-b300.48xlarge b300 8 275040 192 4194304 30400 142.416
trn1.2xlarge trainium 1 - 8 32768 474 1.34375
trn1.32xlarge trainium 16 - 128 524288 7600 21.5
trn1n.32xlarge trainium 16 - 128 524288 7600 24.78
trn2.48xlarge trainium2 16 - 192 2097152 7600 -
`,
};
