import type { XidSighting } from './collectors/collector.js';
import { XidEvents } from './xid-events.js';

it('a flood of one Xid is an event a minute, with its count', () => {
  const events = new XidEvents();
  const sighting: XidSighting = { code: 13, device: 'GPU-a', busId: '0000:01:00', line: 'line', source: 'nvidia-smi' };
  const told = Array.from({ length: 629 }, () => events.of(sighting, 0));
  told.push(events.of(sighting, 61_000), events.of({ ...sighting, code: 79 }, 61_000));
  expect(told.filter((e) => e !== null).map((e) => [e.details?.['xid'], e.details?.['repeated']])).toEqual([
    [13, 0],
    [13, 628],
    [79, 0],
  ]);
});
