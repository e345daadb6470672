/**
 * Names of NVSwitch errors that are met in the field. Whether one is fatal stands in its own line and is never looked up
 * here: the same code is fatal on one port and harmless on another.
 *
 * Source: NVIDIA Fabric Manager User Guide, appendix on SXid errors
 * (https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/).
 */
const NAMES: ReadonlyMap<number, string> = new Map([
  [11004, 'ingress invalid ACL'],
  [12028, 'egress non-posted PRIV error'],
  [20009, 'RX short error rate'],
  [20034, 'LTSSM fault up (an NVLink went down)'],
  [24007, 'sourcetrack timeout'],
  [28002, 'thermal warning over'],
  [28006, 'multicast timeout'],
]);

export const SXID_SOURCE = 'https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/';

export const sxidName = (code: number): string => NAMES.get(code) ?? 'an error of the NVSwitch';
