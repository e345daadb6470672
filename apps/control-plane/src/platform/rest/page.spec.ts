import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageWindow } from './page.js';

const one = { tenantId: '6f1c9a1e-52d4-4b7e-9d1c-0a4e5b6c7d8e' };
const other = { tenantId: '0199f1a2-7c3e-7a51-9d0b-6c1f2e3d4a5b' };
const Place = z.tuple([z.string(), z.int()]);

describe('a cursor', () => {
  const cursor = encodeCursor(one, 'things:name,id', ['ä "quoted"', 7]);

  it('comes back as it was', () =>
    expect(decodeCursor(one, 'things:name,id', cursor, Place)).toEqual(['ä "quoted"', 7]));

  it('is refused when any one character of it was changed', () => {
    for (let i = 0; i < cursor.length; i++) {
      const changed = cursor.slice(0, i) + (cursor[i] === 'A' ? 'B' : 'A') + cursor.slice(i + 1);
      if (Buffer.from(changed, 'base64url').equals(Buffer.from(cursor, 'base64url'))) continue; // unused bits of the last one
      expect(() => decodeCursor(one, 'things:name,id', changed, Place)).toThrow('not one of this list');
    }
  });

  it.each([
    ['another tenant', () => decodeCursor(other, 'things:name,id', cursor, Place)],
    ['another list', () => decodeCursor(one, 'things:-id', cursor, Place)],
    ['another shape', () => decodeCursor(one, 'things:name,id', cursor, z.tuple([z.int()]))],
    ['nothing', () => decodeCursor(one, 'things:name,id', '', Place)],
    ['rubbish', () => decodeCursor(one, 'things:name,id', '!!!!%%%%', Place)],
  ])('is refused for %s', (_, decode) => expect(decode).toThrow('not one of this list'));
});

describe('a page', () => {
  const rows = [1, 2, 3];
  const cursorOf = (last: number) => `after ${last}`;

  it('shows limit rows and knows from the extra one that there is more', () => {
    expect(pageOf(rows, { limit: 2 }, 9, cursorOf)).toEqual({
      items: [1, 2],
      total: 9,
      page: 1,
      limit: 2,
      hasMore: true,
      nextCursor: 'after 2',
    });
  });

  it('ends without a cursor', () => {
    expect(pageOf(rows, { limit: 3, page: 2 }, null, cursorOf)).toEqual({
      items: rows,
      total: null,
      page: 2,
      limit: 3,
      hasMore: false,
      nextCursor: null,
    });
    expect(pageOf([], { limit: 3, cursor: 'x' }, 0, cursorOf)).toMatchObject({
      items: [],
      page: null,
      nextCursor: null,
    });
  });

  it('begins where the pages before end', () => {
    expect(pageWindow({ limit: 50, page: 3 })).toEqual({ offset: 100, limit: 50, page: 3 });
    expect(pageWindow({ limit: 50, cursor: 'x' })).toEqual({ offset: 0, limit: 50, page: null });
    expect(() => pageWindow({ limit: 50, page: 1, cursor: 'x' })).toThrow('not both');
  });
});
