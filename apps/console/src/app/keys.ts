import { useEffect } from 'react';

type Handler = () => void;

/** Whether a key press belongs to a field that somebody writes in. */
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** One that fades away already takes no keys any more. */
const OPEN_DIALOG = ':is([role=dialog],[role=alertdialog]):not([data-closed])';

/** A second key of a sequence ("g f") counts this long after the first. */
const SEQUENCE_MS = 1_200;

/**
 * Keys of the page: `mod+k` (Ctrl, on a Mac Command), `?`, sequences as `g f`. Letters do nothing while somebody
 * writes, and nothing while a dialog is open.
 */
export function useKeys(keys: Readonly<Record<string, Handler>>): void {
  useEffect(() => {
    let first: { readonly key: string; readonly at: number } | undefined;
    const pressed = (event: KeyboardEvent) => {
      const mod = event.ctrlKey || event.metaKey;
      const name = `${mod ? 'mod+' : ''}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`;
      if (!mod && (isTyping(event.target) || document.querySelector(OPEN_DIALOG))) return;
      if (event.altKey) return;
      const sequence = first && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ${name}` : undefined;
      first = { key: name, at: event.timeStamp };
      const handler = (sequence ? keys[sequence] : undefined) ?? keys[name];
      if (!handler) return;
      event.preventDefault();
      first = undefined;
      handler();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [keys]);
}
