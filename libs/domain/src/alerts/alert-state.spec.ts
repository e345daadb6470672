import { stepAlert } from './alert-state.js';
import type { AlertEvent, AlertPolicy, AlertState } from './alert-state.js';

const MINUTE = 60_000;
const policy: AlertPolicy = {
  cooldownMinutes: 30,
  escalation: [
    { afterMinutes: 10, channelIds: [2] },
    { afterMinutes: 20, channelIds: [3] },
  ],
};
type Happening = readonly [AlertEvent['kind'], number, number?];

/** Runs events at minutes and tells what was told, as `minute:effect`. */
function told(events: readonly Happening[], settings: AlertPolicy = policy) {
  let state: AlertState | null = null;
  let alerts = 0;
  const effects: string[] = [];
  for (const [kind, minute, heldBackUntil] of events) {
    const heldBackUntilMs = heldBackUntil === undefined ? null : heldBackUntil * MINUTE;
    const step = stepAlert(state, { kind, atMs: minute * MINUTE, heldBackUntilMs }, settings);
    if (step.fresh) alerts++;
    state = step.state;
    for (const effect of step.effects) {
      effects.push(`${minute}:${effect.kind}${effect.kind === 'escalate' ? effect.step + 1 : ''}`);
    }
  }
  return { told: effects.join(' '), alerts, status: state!.status, occurrences: state!.occurrences };
}

describe('an alert', () => {
  it.each<[string, Happening[], ReturnType<typeof told>]>([
    [
      'fires and is over',
      [
        ['fire', 0],
        ['end', 5],
      ],
      { told: '0:trigger 5:resolve', alerts: 1, status: 'resolved', occurrences: 1 },
    ],
    [
      'that fires again while it goes on is one more occurrence, and tells nobody',
      [
        ['fire', 0],
        ['fire', 3],
        ['fire', 40],
      ],
      { told: '0:trigger', alerts: 1, status: 'active', occurrences: 3 },
    ],
    [
      'that flaps within the cooldown is told of once more, when the cooldown is over',
      [
        ['fire', 0],
        ['end', 2],
        ['fire', 4],
        ['end', 6],
        ['fire', 8],
        ['tick', 29],
        ['tick', 30],
        ['end', 50],
      ],
      { told: '0:trigger 2:resolve 30:trigger 50:resolve', alerts: 1, status: 'resolved', occurrences: 3 },
    ],
    [
      'that comes and goes within the cooldown is not told of, neither its end',
      [
        ['fire', 0],
        ['end', 2],
        ['fire', 4],
        ['end', 6],
        ['tick', 60],
      ],
      { told: '0:trigger 2:resolve', alerts: 1, status: 'resolved', occurrences: 2 },
    ],
    [
      'after the cooldown is a new one',
      [
        ['fire', 0],
        ['end', 2],
        ['fire', 30],
      ],
      { told: '0:trigger 2:resolve 30:trigger', alerts: 2, status: 'active', occurrences: 1 },
    ],
    [
      'that nobody acknowledges is escalated step by step',
      [
        ['fire', 0],
        ['tick', 9],
        ['tick', 10],
        ['tick', 11],
        ['tick', 25],
        ['tick', 60],
      ],
      { told: '0:trigger 10:escalate1 25:escalate2', alerts: 1, status: 'active', occurrences: 1 },
    ],
    [
      'that is acknowledged stays active, is escalated no more and ends as usual',
      [
        ['fire', 0],
        ['tick', 10],
        ['acknowledge', 12],
        ['acknowledge', 13],
        ['tick', 40],
        ['end', 50],
      ],
      { told: '0:trigger 10:escalate1 12:acknowledge 50:resolve', alerts: 1, status: 'resolved', occurrences: 1 },
    ],
    [
      'that is ignored says no more until its condition ended',
      [
        ['fire', 0],
        ['ignore', 1],
        ['fire', 60],
        ['end', 70],
        ['fire', 100],
      ],
      { told: '0:trigger 1:resolve 100:trigger', alerts: 2, status: 'active', occurrences: 1 },
    ],
    [
      'that a person resolved while it goes on fires anew after the cooldown',
      [
        ['fire', 0],
        ['resolve', 1],
        ['fire', 2],
        ['fire', 31],
      ],
      { told: '0:trigger 1:resolve 31:trigger', alerts: 2, status: 'active', occurrences: 1 },
    ],
    [
      'in maintenance waits for its end',
      [
        ['fire', 0, 60],
        ['tick', 30, 60],
        ['tick', 60],
        ['tick', 70],
      ],
      { told: '60:trigger 70:escalate1', alerts: 1, status: 'active', occurrences: 1 },
    ],
    [
      'that is over before the maintenance is, nobody hears of',
      [
        ['fire', 0, 60],
        ['end', 30],
        ['tick', 60],
      ],
      { told: '', alerts: 1, status: 'resolved', occurrences: 1 },
    ],
  ])('%s', (_, events, expected) => expect(told(events)).toEqual(expected));
});
