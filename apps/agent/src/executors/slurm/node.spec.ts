import { powerOf, readNode, workloadOf } from './node.js';

/** As slurm 22.05 prints it, shortened. */
const line = (state: string, reason = '') =>
  `NodeName=gpu-1 Arch=x86_64 CPUAlloc=0 OS=Linux 6.1 #1 SMP State=${state} ThreadsPerCore=1 AllocTRES= ${reason}`;
const node = (state: string, reason?: string) => readNode(line(state, reason))!;

describe('a node as scontrol shows it', () => {
  it('has states and a reason without who and when', () => {
    const { states, reason } = node('MIXED+DRAIN', 'Reason=flotilla act_1 [root@2026-01-02T03:04:05]');
    expect([[...states], reason]).toEqual([['MIXED', 'DRAIN'], 'flotilla act_1']);
    expect([...node('idle*').states]).toEqual(['IDLE']);
    expect(readNode('Node nix not found')).toBeNull();
  });

  it.each([
    ['IDLE', [], 'running', undefined],
    ['MIXED', ['7'], 'running', undefined],
    ['MIXED+DRAIN', ['7'], 'running', true],
    ['ALLOCATED+DRAIN', [], 'running', true],
    ['IDLE+COMPLETING+DRAIN', [], 'running', true],
    ['IDLE+DRAIN', ['8'], 'running', true],
    ['IDLE+DRAIN', [], 'stopped', undefined],
    ['DOWN+DRAIN', [], 'stopped', undefined],
    ['DOWN', [], 'stopped', undefined],
    ['IDLE+CLOUD+POWERED_DOWN', [], 'stopped', undefined],
    ['FUTURE', [], 'unverified', undefined],
  ])('%s with jobs %j: its workload is %s', (state, jobs, expected, onItsWay) => {
    const seen = workloadOf(node(state), jobs);
    expect([seen.state, seen.onItsWay]).toEqual([expected, onItsWay]);
  });

  it('names the jobs that are waited for', () => {
    expect(workloadOf(node('MIXED+DRAIN'), ['7', '9_1']).detail).toContain('jobs 7, 9_1 still on it');
  });

  it.each([
    ['IDLE', 'running', undefined],
    ['ALLOCATED', 'running', undefined],
    ['IDLE+DRAIN+POWER_DOWN', 'running', true],
    ['IDLE+POWERING_DOWN', 'running', true],
    ['IDLE+POWERED_DOWN', 'stopped', undefined],
    ['IDLE+POWERED_DOWN+POWERING_UP', 'stopped', true],
    ['DOWN', 'unverified', undefined],
    ['IDLE+NOT_RESPONDING', 'unverified', undefined],
  ])('%s: its power is %s', (state, expected, onItsWay) => {
    const seen = powerOf(node(state));
    expect([seen.state, seen.onItsWay]).toEqual([expected, onItsWay]);
  });
});
