import { CircleAlert, Inbox } from 'lucide-react';
import type { ReactNode } from 'react';
import { sentenceOf } from '../data/api';
import { ApiError } from '../data/session';
import { Button } from './button';
import kit from './kit.module.css';
import css from './ui.module.css';

/** Nothing is here, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className={css['state']}>
      <Inbox size={28} aria-hidden />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** It failed: why, whom to ask with which number, and how to try again. */
export function Failed({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  return (
    <div className={css['state']} role="alert">
      <CircleAlert size={28} aria-hidden />
      <h2>This could not be loaded</h2>
      <p>{sentenceOf(error)}</p>
      {error instanceof ApiError && error.requestId && (
        <p className={css['hint']}>
          The log of the control plane has it as <code>{error.requestId}</code>.
        </p>
      )}
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

/** Where something will be: the same height, so that nothing jumps. */
export function Loading({ lines = 6, height = 20 }: { readonly lines?: number; readonly height?: number }) {
  return (
    <div aria-busy="true" aria-label="Loading" role="status" style={{ display: 'grid', gap: 12, padding: 16 }}>
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} className={kit['skeleton']} style={{ height, width: `${94 - ((i * 13) % 37)}%` }} />
      ))}
    </div>
  );
}
