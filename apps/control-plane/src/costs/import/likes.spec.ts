import { createHash } from 'node:crypto';
import { Likes } from './likes.js';

const key = (n: number) => createHash('sha256').update(String(n)).digest('hex');

describe('likes', () => {
  it('are counted by key, however many there are', () => {
    const likes = new Likes();
    const KEYS = 20_000;
    const places = Array.from({ length: 3 * KEYS }, (_, n) => likes.placeOf(key(n % KEYS)));
    expect(places.every((place, n) => place === Math.floor(n / KEYS))).toBe(true);
  });

  it('know a key of nothing but noughts', () => {
    const likes = new Likes();
    expect([1, 2, 3].map(() => likes.placeOf('0'.repeat(64)))).toEqual([0, 1, 2]);
  });
});
