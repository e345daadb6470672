import { useEffect } from 'react';

type Handler = () => void;
type Keys = Readonly<Record<string, Handler>>;

/** What a screen adds to the keys of the page. */
export interface ScreenKey {
  /** As `useKeys` knows it: `j`, `shift+x`, `Enter`, `g f`. */
  readonly key: string;
  /** What it does, for the list of keys. */
  readonly what: string;
  readonly run: Handler;
}

/** Whether a key press belongs to a field that somebody writes in; boxes that are ticked take only the space. */
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target instanceof HTMLInputElement && !/^(checkbox|radio|button|submit)$/.test(target.type)));

/** Enter on a link or a button is that link's or button's. */
const hasOwn = (target: EventTarget | null, name: string) =>
  (name === 'Enter' || name === ' ') &&
  target instanceof HTMLElement &&
  target.closest('a[href],button,summary,input,[role=menuitem],[role=option]') !== null;

/** One that fades away already takes no keys any more. */
const OPEN_DIALOG = ':is([role=dialog],[role=alertdialog]):not([data-closed])';

/** A second key of a sequence ("g f") counts this long after the first. */
const SEQUENCE_MS = 1_200;

const sets = new Set<Keys>();
const lists = new Map<object, { readonly screen: string; readonly keys: readonly ScreenKey[] }>();
const find = (name: string) => [...sets].reverse().find((keys) => Object.hasOwn(keys, name))?.[name];
const begins = (name: string) => [...sets].some((keys) => Object.keys(keys).some((key) => key.startsWith(`${name} `)));
let first: { readonly key: string; readonly at: number } | undefined;

function pressed(event: KeyboardEvent): void {
  const mod = event.ctrlKey || event.metaKey;
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // of signs as ? the shift is a part already
  const shift = event.shiftKey && /^([a-z]|\w{2,})$/.test(letter);
  const name = `${mod ? 'mod+' : ''}${shift ? 'shift+' : ''}${letter}`;
  if (event.altKey || event.isComposing || ['Shift', 'Control', 'Meta'].includes(event.key)) return;
  if (!mod && (isTyping(event.target) || hasOwn(event.target, name) || document.querySelector(OPEN_DIALOG))) return;
  const before = first && event.timeStamp - first.at < SEQUENCE_MS ? first.key : undefined;
  first = undefined;
  // a sequence that nobody knows does nothing: its second key may be one that closes something
  const handler = before === undefined ? find(name) : find(`${before} ${name}`);
  if (before === undefined && !handler && begins(name)) first = { key: name, at: event.timeStamp };
  if (!handler) return;
  event.preventDefault();
  handler();
}

function listen(keys: Keys): () => void {
  // the same function again is no second listener
  window.addEventListener('keydown', pressed);
  sets.add(keys);
  return () => {
    sets.delete(keys);
    if (sets.size === 0) window.removeEventListener('keydown', pressed);
  };
}

/**
 * Keys of the page: `mod+k` (Ctrl, on a Mac Command), `?`, sequences as `g f`, `shift+x`. Letters do nothing while
 * somebody writes, and nothing while a dialog is open. Of two who want a key, the one that came last has it.
 */
export function useKeys(keys: Keys): void {
  useEffect(() => listen(keys), [keys]);
}

/** The keys of one screen, told in the list of keys as long as it is open. @param keys the same object as long as they are the same */
export function useScreenKeys(screen: string, keys: readonly ScreenKey[]): void {
  useEffect(() => {
    const mine = Object.fromEntries(keys.map(({ key, run }) => [key, run]));
    lists.set(mine, { screen, keys });
    const end = listen(mine);
    return () => {
      end();
      lists.delete(mine);
    };
  }, [screen, keys]);
}

/** What screens that are open have added. */
export const screenKeys = () => [...lists.values()];
