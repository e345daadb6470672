import { readFileSync } from 'node:fs';
import type { Cloud } from './cloud/cloud-identity.js';

/** What the firmware says about the machine, as far as an ordinary user may read it. */
export interface Firmware {
  /** Whose metadata service there is; null: nobody's, so nobody is asked. */
  readonly cloud: Cloud | null;
  /** `aws`, …, also of clouds that are not asked (`oci`, `alibaba`); null: a machine of one's own. */
  readonly provider: string | null;
  /** AWS writes it into the firmware of its newer machines; no network is needed for it. */
  readonly instanceId?: string;
  readonly instanceType?: string;
}

const AZURE_CHASSIS = '7783-7084-3265-9085-8269-3286-77';

/** Reads a few small files; never throws. */
export function readFirmware(root = '/'): Firmware {
  const read = (path: string): string => {
    try {
      return readFileSync(`${root}${path}`, 'utf8').trim();
    } catch {
      return '';
    }
  };
  const dmi = (name: string) => read(`sys/class/dmi/id/${name}`);
  const vendor = dmi('sys_vendor');
  const product = dmi('product_name');
  const board = dmi('board_asset_tag');
  const isXen = /amazon/i.test(dmi('bios_version')) || read('sys/hypervisor/uuid').toLowerCase().startsWith('ec2');
  if (vendor === 'Amazon EC2' || isXen) {
    return {
      cloud: 'aws',
      provider: 'aws',
      ...(/^i-[0-9a-f]{8,40}$/.test(board) ? { instanceId: board } : {}),
      ...(/^[a-z][a-z0-9-]*\d[a-z0-9-]*\.[a-z0-9-]+$/.test(product) ? { instanceType: product } : {}),
    };
  }
  if (product === 'Google Compute Engine') return { cloud: 'gcp', provider: 'gcp' };
  if (dmi('chassis_asset_tag') === AZURE_CHASSIS) return { cloud: 'azure', provider: 'azure' };
  if (dmi('chassis_asset_tag') === 'OracleCloud.com') return { cloud: null, provider: 'oci' };
  if (/^Alibaba Cloud/i.test(vendor)) return { cloud: null, provider: 'alibaba' };
  if (vendor === 'DigitalOcean') return { cloud: null, provider: 'digitalocean' };
  return { cloud: null, provider: null };
}
