import type { Page } from 'playwright-core';

/** One screen or view of the console, and how to come to it. */
export interface Shot {
  /** Address within the console. */
  readonly path: string;
  /** Name of its picture. */
  readonly name: string;
  /** What a hand does there first. */
  readonly act?: (page: Page) => Promise<void>;
}
export function screensToShow(first: (path: string) => Promise<{ id: number } | undefined>): Promise<Shot[]>;
