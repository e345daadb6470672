import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FarEnd } from '../../../../test/support/far-end.js';
import { ManualClock, settle } from '../../../../test/support/manual-clock.js';
import type { Result } from '../executors/action-runner.js';
import { silentLog } from '../log.js';
import { Spool } from '../spool/spool.js';
import type { Verdict } from './closing.js';
import { Session } from './session.js';
import type { SessionHost } from './session-host.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-session-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function scene() {
  const clock = new ManualClock(Date.UTC(2026, 10, 22, 12));
  const spool = new Spool({ folder, maxBytes: 1 << 20, maxAgeMs: 1e9, memoryBytes: 1 << 20, clock, log: silentLog });
  const links: FarEnd[] = [];
  const verdicts: Verdict[] = [];
  const acknowledged: string[] = [];
  const offers: string[] = [];
  const cancelled: string[] = [];
  const paces: string[] = [];
  const refused: string[] = [];
  const clears: string[] = [];
  const unacknowledged: Result[] = [];
  let live = 0;
  const host: SessionHost = {
    hello: () => ({ agentId: 'a', bootId: 'b' }),
    heartbeat: () => ({ spool: spool.status, collectors: [] }),
    inventory: () => ({ hash: 'h1', message: { inventory: { hash: 'h1' } } }),
    live: () => ({ live: { devices: [{ device: `round ${++live}` }] } }),
    welcomed: () => {},
    configured: (config) => void paces.push(`config ${Number(config.intervalS ?? 0)}`),
    slow: (intervalS) => void paces.push(`slow ${intervalS}`),
    clearHealth: (device, by) => void clears.push(`${device} by ${by}`),
    closed: (verdict) => {
      verdicts.push(verdict);
      return Promise.resolve();
    },
    rejected: (entry, reason) => void refused.push(`${entry?.kind}: ${reason}`),
    actions: {
      offer: (offer) => void offers.push(offer.actionId),
      cancel: (id) => void cancelled.push(id),
      query: () => ({ state: 'never_accepted' }),
      acknowledged: (id) => void acknowledged.push(id),
      running: ['act_9'],
      unacknowledged,
    },
  };
  const session = new Session({
    open: (events) => {
      const link = new FarEnd(events);
      links.push(link);
      return link;
    },
    host,
    spool,
    clock,
    random: () => 0.5,
    log: silentLog,
  });
  spool.onChange = (epochChanged) => session.spoolChanged(epochChanged);
  const event = async (n: number) => {
    spool.append({ kind: 'event', atMs: n, event: 'e', severity: 'low', device: '', message: '', detailsJson: '' });
    await spool.flush();
  };
  const connect = async (more: object = {}) => {
    session.start(0);
    await clock.advance(0);
    links.at(-1)?.welcome(more);
    await settle();
    return links.at(-1) as FarEnd;
  };
  return {
    clock,
    spool,
    links,
    verdicts,
    refused,
    acknowledged,
    offers,
    cancelled,
    paces,
    clears,
    unacknowledged,
    session,
    event,
    connect,
  };
}

describe('a session', () => {
  it('says hello first and nothing else before the welcome', async () => {
    const { session, clock, links, event, spool } = scene();
    session.start(0);
    await clock.advance(0);
    await event(1);
    session.result({ actionId: 'act_1', fence: 1, outcome: {} as Result['outcome'] });
    expect(links[0]?.received).toHaveLength(1);
    expect(links[0]?.received[0]).toMatchObject({
      epoch: 0,
      hello: { agentId: 'a', walEpoch: spool.epoch, runningActionIds: ['act_9'] },
    });
  });

  it('sends live values first, then the backlog behind them', async () => {
    const { connect, event } = scene();
    for (let n = 1; n <= 3; n++) await event(n);
    const far = await connect();
    const kinds = far.received.map((message) => Object.keys(message).find((key) => key !== 'epoch'));
    expect(kinds).toEqual(['hello', 'inventory', 'live', 'batch']);
    expect(far.of('batch')[0]).toMatchObject({ firstSeq: 1 });
    expect(far.received.slice(1).every((message) => message.epoch === 7)).toBe(true);
  });

  it('goes on behind what is acknowledged already', async () => {
    const { connect, event } = scene();
    for (let n = 1; n <= 3; n++) await event(n);
    const far = await connect({ ackedSeq: 2 });
    expect(far.of('batch')).toHaveLength(1);
    expect(far.of('batch')[0]).toMatchObject({ firstSeq: 3, entries: [{ event: { atMs: 3 } }] });
  });

  it('never has more batches in flight than the window, and goes on with each acknowledgement', async () => {
    const { connect, event, spool } = scene();
    const far = await connect({ window: 2 });
    for (let n = 1; n <= 5; n++) await event(n); // each is a batch of its own: it goes out as soon as it is durable
    expect(far.of('batch').map((batch) => batch.firstSeq)).toEqual([1, 2]);
    far.say({ ack: { walEpoch: spool.epoch, throughSeq: 1, rejected: [] } });
    expect(far.of('batch').map((batch) => batch.firstSeq)).toEqual([1, 2, 3]); // 3, 4 and 5 together
    expect(far.of('batch')[2]?.entries).toHaveLength(3);
    far.say({ ack: { walEpoch: spool.epoch + 1, throughSeq: 5, rejected: [] } }); // of another sequence: not ours
    expect(spool.status.oldestSeq).toBe(2);
  });

  it('hands on what was refused for good, with what it held', async () => {
    const { connect, event, spool, refused } = scene();
    const far = await connect({ window: 9 });
    await event(1);
    spool.append({ kind: 'record', section: 'costs', json: '{}' });
    await event(3);
    const rejected = [2, 3, 9].map((seq) => ({ seq, reason: `no ${seq}` }));
    far.say({ ack: { walEpoch: spool.epoch, throughSeq: 3, rejected } });
    expect(refused).toEqual(['record: no 2', 'event: no 3', 'undefined: no 9']);
    expect(spool.status.oldestSeq).toBe(0);
  });

  it('stops at write() === false and goes on at drain; results do not wait', async () => {
    const { connect, event, session } = scene();
    const far = await connect({ window: 10 });
    far.takes = false;
    await event(1);
    await event(2);
    expect(far.of('batch')).toHaveLength(1);
    session.result({ actionId: 'act_1', fence: 1, outcome: { outcome: 'succeeded' } as Result['outcome'] });
    expect(far.of('actionResult')).toHaveLength(1);
    far.takes = true;
    far.events.onDrain();
    expect(far.of('batch')).toHaveLength(2);
  });

  it('keeps what is not acknowledged and sends it again on the next stream', async () => {
    const { connect, event, links, clock, spool } = scene();
    const far = await connect();
    await event(1);
    far.events.onClosed({ code: 14, details: 'gone', retryAfterMs: null });
    await clock.advance(1_000);
    expect(links).toHaveLength(2);
    links[1]?.welcome();
    expect(links[1]?.of('batch')[0]).toMatchObject({ firstSeq: 1, walEpoch: spool.epoch });
  });

  it('backs off 1, 2, 4 … 60 s (halved by the jitter here) and begins anew after two quiet minutes', async () => {
    const { session, clock, links, verdicts } = scene();
    session.start(0);
    await clock.advance(0);
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const before = clock.monotonicMs();
      const count = links.length;
      links.at(-1)?.events.onClosed({ code: 14, details: '', retryAfterMs: null });
      while (links.length === count) await clock.advance(50);
      waits.push(Math.floor((clock.monotonicMs() - before) / 100) / 10);
    }
    expect(waits).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30, 30]);
    expect(verdicts).toHaveLength(9);
    links.at(-1)?.welcome();
    for (let s = 0; s < 130; s++) {
      await clock.advance(1_000);
      session.tick();
    }
    const before = clock.monotonicMs();
    const count = links.length;
    links.at(-1)?.events.onClosed({ code: 14, details: '', retryAfterMs: null });
    while (links.length === count) await clock.advance(50);
    expect(clock.monotonicMs() - before).toBeLessThan(1_000);
  });

  it.each([
    [8, 'overloaded', 20_000, 'overloaded'],
    [10, 'SUPERSEDED: a newer stream', null, 'another process connected with the identity'],
    [7, 'this agent was revoked', null, 'Enrol it again with a new token'],
    [16, 'unknown certificate', null, "does not believe this agent's certificate"],
  ])('says what status %d means, and waits accordingly', async (code, details, retryAfterMs, sentence) => {
    const { session, clock, links, verdicts } = scene();
    session.start(0);
    await clock.advance(0);
    links[0]?.events.onClosed({ code, details, retryAfterMs });
    await settle();
    expect(verdicts[0]?.sentence).toContain(sentence);
    await clock.advance(Math.max(0, (verdicts[0]?.atLeastMs ?? 0) - 10));
    expect(links).toHaveLength(1);
    await clock.advance(600);
    expect(links).toHaveLength(2);
  });

  it('comes back when a drain said so, and not as a failure', async () => {
    const { connect, clock, links, verdicts } = scene();
    const far = await connect();
    far.say({ drain: { reconnectAfterMs: 4_000, jitterMs: 2_000 } });
    await clock.advance(1_000);
    expect(far.ended).toBe(true);
    await clock.advance(4_999); // 4 s and half of 2 s of jitter
    expect(links).toHaveLength(1);
    await clock.advance(2);
    expect(links).toHaveLength(2);
    expect(verdicts).toEqual([]);
  });

  it('gives up on a control plane that does not answer the hello', async () => {
    const { session, clock, links } = scene();
    session.start(0);
    await clock.advance(30_001);
    session.tick();
    await clock.advance(1_000);
    expect(links).toHaveLength(2);
  });

  it('gives up on a stream that acknowledges nothing although batches wait', async () => {
    const { connect, event, clock, links, session } = scene();
    await connect();
    await event(1);
    await clock.advance(90_001);
    session.tick();
    await clock.advance(1_000);
    expect(links).toHaveLength(2);
  });

  it('beats every 15 s, shows newest values every 5 s, repeats results until they are acknowledged', async () => {
    const { connect, clock, session, unacknowledged, acknowledged } = scene();
    const outcome = { outcome: 'failed', message: 'm' } as Result['outcome'];
    unacknowledged.push({ actionId: 'act_1', fence: 3, outcome });
    const far = await connect();
    for (let s = 0; s < 60; s++) {
      await clock.advance(1_000);
      session.tick();
    }
    expect(far.of('heartbeat')).toHaveLength(4);
    expect(far.of('heartbeat')[0]?.runningActionIds).toEqual(['act_9']);
    expect(far.of('live').length).toBeGreaterThanOrEqual(12);
    expect(far.of('actionResult')).toHaveLength(3); // at the welcome, after 30 s, after 60 s
    far.say({ resultAck: { actionId: 'act_1' } });
    expect(acknowledged).toEqual(['act_1']);
  });

  it('answers queries, takes offers, and ignores what it does not know', async () => {
    const { connect, offers, cancelled, paces, clears } = scene();
    const far = await connect();
    far.say({ somethingNew: { from: 'a newer control plane' } });
    far.say({ query: { actionId: 'act_5' } });
    far.say({ offer: { actionId: 'act_6', fence: 1, verb: 'stop', precondition: null } });
    expect(far.of('queryAnswer')).toEqual([{ actionId: 'act_5', state: 'never_accepted' }]);
    far.say({ cancelOffer: { actionId: 'act_6' } });
    expect(offers).toEqual(['act_6']);
    expect(cancelled).toEqual(['act_6']);
    far.say({ clearHealth: { clearId: 7, device: 'GPU-a', by: 'ann' } });
    expect([clears, far.of('healthCleared')]).toEqual([['GPU-a by ann'], [{ clearId: 7 }]]);
    far.say({ slow: { intervalS: 20 } });
    expect(paces).toEqual(['config 0', 'slow 20']); // each welcome begins with the own setting, named or not
  });

  it('opens a stream for the new sequence when the spool had to begin one', async () => {
    const { connect, event, clock, links, spool } = scene();
    await event(1);
    const before = spool.epoch;
    await connect({ ackedSeq: 99 }); // the control plane knows more than was ever kept here
    await clock.advance(100);
    await spool.flush();
    expect(spool.epoch).not.toBe(before);
    expect(links).toHaveLength(2);
    expect(links[1]?.of('hello')[0]?.walEpoch).toBe(spool.epoch);
    links[1]?.welcome();
    expect(links[1]?.of('batch')[0]).toMatchObject({ walEpoch: spool.epoch, firstSeq: 1 });
  });
});
