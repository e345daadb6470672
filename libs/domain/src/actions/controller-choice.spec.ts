import { chooseController, missingControllerMessage } from './controller-choice.js';
import type { ControllerCandidate } from './controller-choice.js';
import { nothingToDo, refusal } from './request.js';

const candidate = (agentId: string, more: Partial<ControllerCandidate> = {}): ControllerCandidate => ({
  agentId,
  agentLabel: agentId,
  kind: 'command',
  level: 'power',
  verbs: ['start', 'stop'],
  ownHost: false,
  reach: 'connected',
  lastSeenAtMs: 0,
  ...more,
});
const inside = candidate('inside', { ownHost: true });
const outside = candidate('outside', { kind: 'redfish' });
const workload = candidate('workload', { level: 'workload', kind: 'systemd', ownHost: true });

describe('chooseController', () => {
  it.each([
    ['the power from outside first', [workload, inside, outside], 'outside'],
    ['the power from inside before the workload', [workload, inside], 'inside'],
    ['the workload when nothing else is there', [workload], 'workload'],
    ['nobody who is away', [{ ...outside, reach: 'away' as const }, inside], 'inside'],
    [
      'a stream before a caller of /sync',
      [{ ...outside, agentId: 'sync', reach: 'sync' as const }, outside],
      'outside',
    ],
    ['a caller of /sync outside before a stream inside', [{ ...outside, reach: 'sync' as const }, inside], 'outside'],
    ['of two equals the one seen last', [outside, candidate('later', { kind: 'redfish', lastSeenAtMs: 9 })], 'later'],
    ['nobody who did not announce the verb', [{ ...outside, verbs: ['start'] }, workload], 'workload'],
  ])('takes %s', (_, candidates, expected) => {
    expect(chooseController(candidates, 'stop')?.agentId).toBe(expected);
  });

  it('takes nobody when nobody can be reached', () => {
    expect(chooseController([{ ...inside, reach: 'away' }], 'stop')).toBeNull();
    expect(chooseController([], 'start')).toBeNull();
  });
});

describe('missingControllerMessage', () => {
  const instance = { providerId: 'i-1', cloudProvider: 'aws' };
  it.each([
    [
      'away',
      [{ ...inside, reach: 'away' as const, lastSeenAtMs: 0 }],
      /inside \(command, last seen 1970-01-01T00:00:00.000Z\)/,
    ],
    ['none at all', [], /an agent with a control for aws/],
    ['one without the verb', [{ ...inside, verbs: ['start'] }], /inside can reach it but did not announce "stop"/],
  ])('says what is missing: %s', (_, candidates, expected) => {
    expect(missingControllerMessage('stop', instance, candidates)).toMatch(expected);
  });
  it('says that a machine cannot start itself', () => {
    expect(missingControllerMessage('start', { providerId: 'h', cloudProvider: 'on_prem' }, [])).toMatch(
      /redfish.*BMC/,
    );
  });
});

describe('requests that make no sense', () => {
  const machine = { providerId: 'i-1', state: 'running', workloadState: null, protected: false };
  it('are refused for what is terminated or protected', () => {
    expect(refusal({ ...machine, state: 'terminated' }, 'stop')).toMatch(/terminated/);
    expect(refusal({ ...machine, protected: true }, 'stop')).toMatch(/protected/);
    expect(refusal(machine, 'stop')).toBeNull();
  });
  it.each([
    ['start what runs', { state: 'running' }, 'start', 'power', true],
    ['stop what is stopped', { state: 'stopped' }, 'stop', 'power', true],
    ['stop the workload of a stopped machine', { state: 'stopped' }, 'stop', 'workload', true],
    ['start the workload of a running machine', { state: 'running' }, 'start', 'workload', true],
    ['start a workload that was stopped', { workloadState: 'stopped' }, 'start', 'workload', false],
    ['stop a workload that was stopped', { workloadState: 'stopped' }, 'stop', 'workload', true],
    ['stop what runs', { state: 'running' }, 'stop', 'power', false],
    ['stop what nobody knows', { state: 'unknown' }, 'stop', 'power', false],
  ])('%s', (_, more, verb, level, isPointless) => {
    const said = nothingToDo({ ...machine, ...(more as object) }, verb as 'stop', level as 'power');
    expect(said !== null).toBe(isPointless);
  });
});
