import { useSyncExternalStore } from 'react';

/** What a person chose for this browser. Kept in localStorage where there is one; never anything secret. */
export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark';
  /** local: the browser's zone; utc; tenant: the tenant's own zone, in which its days begin */
  readonly zone: 'local' | 'utc' | 'tenant';
  readonly density: 'normal' | 'dense';
}

const KEY = 'flotilla.preferences';
const DEFAULTS: Preferences = { theme: 'system', zone: 'local', density: 'normal' };
let current: Preferences = { ...DEFAULTS, ...stored() };
const listeners = new Set<() => void>();

export function setPreference<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  current = { ...current, [name]: value };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // a browser that keeps nothing: it holds for this page
  }
  applyTheme();
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => current,
  );
}

/** Called before the first paint. */
export function applyTheme(): void {
  const dark = current.theme === 'dark' || (current.theme === 'system' && darkSystem.matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  document.documentElement.dataset['density'] = current.density;
}

const darkSystem = window.matchMedia('(prefers-color-scheme: dark)');
darkSystem.addEventListener('change', applyTheme);

function stored(): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>;
  } catch {
    return {};
  }
}
