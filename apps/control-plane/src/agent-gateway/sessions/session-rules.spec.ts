import { messageCodec } from '@flotilla/contracts/agent';
import { clockSkewMs, helloFault, isAllowed } from './session-rules.js';

const codec = messageCodec('Hello');
const hello = (changes: Parameters<typeof codec.encode>[0]) =>
  codec.decode(codec.encode({ walEpoch: 1, minProtocol: 1, maxProtocol: 1, ...changes }));

describe('a hello', () => {
  it.each([
    ['plain', {}, null],
    ['naming its own id', { agentId: 'a' }, null],
    ['of a newer agent that still speaks ours', { minProtocol: 1, maxProtocol: 9 }, null],
    ['naming another id', { agentId: 'b' }, 'the certificate says a'],
    ['without a spool', { walEpoch: 0 }, 'wal_epoch'],
    ['with a spool above 2^53', { walEpoch: '9007199254740993' }, 'wal_epoch'],
    ['too new', { minProtocol: 2, maxProtocol: 3 }, 'update the control plane'],
    ['too old', { minProtocol: 0, maxProtocol: 0 }, 'update the agent'],
    ['with an endless interval', { intervalS: Infinity }, 'interval_s'],
  ])('%s', (_, changes, fault) => {
    const found = helloFault(hello(changes), 'a');
    if (fault === null) expect(found).toBeNull();
    else expect(found).toContain(fault);
  });

  it('comes first and once', () => {
    expect(isAllowed('hello', 'hello')).toBe(true);
    expect(isAllowed('hello', 'batch')).toBe(false);
    expect(isAllowed('opening', 'batch')).toBe(false);
    expect(isAllowed('open', 'batch')).toBe(true);
    expect(isAllowed('open', 'hello')).toBe(false);
    expect(isAllowed('closed', 'live')).toBe(false);
  });
});

describe('clock skew', () => {
  it.each([
    [1_000_500, 1_000_000, 500],
    [1_000_000, 8_200_000, -7_200_000],
    [Number.MAX_SAFE_INTEGER, 0, 2_147_483_647], // the column's end
    [0, 1_000_000, null], // the agent did not say
  ])('of %d against %d is %p', (agent, server, skew) => {
    expect(clockSkewMs(agent, server)).toBe(skew);
  });
});
