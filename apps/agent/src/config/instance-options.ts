import type { CollectorOptions } from '../collectors/collector.js';
import type { Settings } from './settings.js';

/** What the operator fixed about this machine, in the words of the collectors. */
export function instanceOptions({ instance: i }: Settings): CollectorOptions['instance'] {
  return {
    ...(i.instance_id === undefined ? {} : { instanceId: i.instance_id }),
    ...(i.cloud_provider === undefined ? {} : { cloudProvider: i.cloud_provider }),
    ...(i.region === undefined ? {} : { region: i.region }),
    ...(i.instance_type === undefined ? {} : { instanceType: i.instance_type }),
    ...(i.name === undefined ? {} : { name: i.name }),
    ...(i.hourly_cost === undefined ? {} : { hourlyCost: i.hourly_cost }),
    ...(i.currency === undefined ? {} : { currency: i.currency }),
    ...(i.tags === undefined ? {} : { tags: i.tags }),
  };
}
