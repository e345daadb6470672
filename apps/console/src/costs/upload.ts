import type { Schemas } from '../data/api';
import { ApiError, sessions } from '../data/session';

export type ImportResult = Schemas['CostImport'];

export interface ImportOptions {
  readonly mode: 'merge' | 'replace';
  readonly dates: 'iso' | 'mdy' | 'dmy';
  readonly strict: boolean;
  readonly shrink: boolean;
  readonly dryRun: boolean;
}

/** The address that a file is sent to. */
export function importPath(fileName: string, { mode, dates, strict, shrink, dryRun }: ImportOptions): string {
  const search = new URLSearchParams({ file_name: fileName.slice(-300) });
  if (mode !== 'merge') search.set('mode', mode);
  if (dates !== 'iso') search.set('dates', dates);
  if (strict) search.set('strict', 'true');
  if (shrink && mode === 'replace') search.set('shrink', 'true');
  if (dryRun) search.set('dry_run', 'true');
  return `/api/costs/import?${search}`;
}

/**
 * Sends a bill. XMLHttpRequest, because fetch does not tell how much of a body has left.
 *
 * @param onProgress from 0 to 1; 1: all of it has arrived and is being read
 * @throws ApiError with the API's own words
 */
export async function uploadBill(
  file: File,
  options: ImportOptions,
  onProgress: (share: number) => void,
  ended: AbortSignal,
): Promise<ImportResult> {
  const token = (await sessions.accessToken()) ?? '';
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', importPath(file.name, options));
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.setRequestHeader('Content-Type', file.name.endsWith('.gz') ? 'application/gzip' : 'text/csv');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.upload.onload = () => onProgress(1);
    request.onerror = () => reject(new TypeError('no answer'));
    request.onabort = () =>
      reject(new Error('The import was stopped before all of the file had left. Nothing was stored.'));
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve((answer as { data: ImportResult }).data);
      else reject(ApiError.of(answer, request.status));
    };
    ended.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
