import { silentLog } from '../log.js';
import { Rejections } from './rejections.js';

it('writes a reason once and then by powers of ten, and counts every one', () => {
  const lines: object[] = [];
  const rejections = new Rejections({
    ...silentLog,
    warn: (fields: object | string) => void (typeof fields === 'object' && lines.push(fields)),
  });
  const told: string[] = [];
  rejections.onRecord = (section, json) => void told.push(`${section} ${json}`);
  for (let n = 1; n <= 25; n++) {
    rejections.note({ kind: 'record', section: 'costs', json: `{"n":${n}}` }, `the element ${n} is not supported yet`);
  }
  rejections.note({ kind: 'event', atMs: 1, event: 'e', severity: '', device: '', message: '', detailsJson: '' }, 'x');
  rejections.note(null, 'x');
  expect(lines).toEqual([
    { reason: 'the element 1 is not supported yet', count: 1 },
    { reason: 'the element 10 is not supported yet', count: 10 },
    { reason: 'x', count: 1 },
    { reason: 'x', count: 1 },
  ]);
  expect(told).toHaveLength(25);
  expect(rejections.total).toBe(27);
});
