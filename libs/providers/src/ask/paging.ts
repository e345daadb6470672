import { ProviderError } from './errors.js';

export interface Page<T> {
  readonly content: T;
  /** The cursor of the next page; null after the last one. */
  readonly next: string | null;
}

/**
 * Pages one after the other, until there is none left.
 *
 * A provider that gives a cursor a second time, or has no end, would keep a process busy (and AWS take a cent for each
 * page) for ever: both end with an error.
 *
 * @throws ProviderError `bad_answer`
 */
export async function* pages<T>(
  name: string,
  fetchPage: (cursor: string | null) => Promise<Page<T>>,
  mostPages: number,
): AsyncGenerator<T, void, undefined> {
  const seen = new Set<string>();
  let cursor: string | null = null;
  for (let count = 0; count < mostPages; count++) {
    const page: Page<T> = await fetchPage(cursor);
    yield page.content;
    if (page.next === null) return;
    if (seen.has(page.next)) {
      throw new ProviderError('bad_answer', `${name} leads from one page to a page that was read already`);
    }
    seen.add(page.next);
    cursor = page.next;
  }
  throw new ProviderError(
    'bad_answer',
    `${name} has more than ${mostPages} pages for what was asked; nothing of it is kept. Ask for fewer groups`,
  );
}
