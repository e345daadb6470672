import type { Device, HealthEpisode as WireEpisode } from '@flotilla/contracts/agent';
import { ADVISED_ACTIONS, FAULT_CLASSES } from '@flotilla/domain';
import type { HealthEpisode, InventoryDevice } from '../../instances/index.js';
import { cleanText } from '../grpc/text.js';

const EPISODES_MAX = 20;
/** The year 2100: later is no time that anybody saw. */
const LATEST_MS = 4_102_444_800_000;

type Health = Pick<InventoryDevice, 'healthEvidence' | 'advisedAction' | 'healthSince' | 'healthEpisodes'>;

/** What speaks for the health of a device, cleaned. An action that this version does not know is shown as to drain. */
export function healthOf(wire: Device): Required<Health> {
  const action = wire.advisedAction || 'none';
  return {
    healthEvidence: cleanText(wire.healthEvidence, 1_000),
    advisedAction: ADVISED_ACTIONS.find((one) => one === action) ?? 'drain',
    healthSince: timeOf(wire.healthSinceMs),
    healthEpisodes: wire.healthEpisodes.slice(0, EPISODES_MAX).flatMap(episodeOf),
  };
}

function episodeOf(wire: WireEpisode): HealthEpisode[] {
  const [first, last] = [timeOf(wire.firstMs), timeOf(wire.lastMs)];
  if (!first || !last || !Number.isSafeInteger(wire.count) || wire.count < 1) return [];
  return [
    {
      kind: wire.kind === 'sxid' ? 'sxid' : 'xid',
      code: wire.code,
      class: FAULT_CLASSES.find((one) => one === wire.faultClass) ?? 'unknown',
      count: wire.count,
      first_seen: first,
      last_seen: last,
    },
  ];
}

const timeOf = (ms: number): Date | null => (ms > 0 && ms < LATEST_MS ? new Date(ms) : null);
