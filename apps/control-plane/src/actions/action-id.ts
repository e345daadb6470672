import { randomBytes } from 'node:crypto';

const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new action id: `act_` and 26 letters, the first ten of them the time, so that ids sort as they were made. */
export function newActionId(nowMs = Date.now()): string {
  let time = '';
  for (let left = nowMs, i = 0; i < 10; i++, left = Math.floor(left / 32)) time = LETTERS[left % 32] + time;
  const random = [...randomBytes(16)].map((byte) => LETTERS[byte % 32]).join('');
  return `act_${time}${random}`;
}
