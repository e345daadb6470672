import { ApiError, sessions } from './session';

/**
 * Fetches a file with the session's token and hands it to the browser to keep; a plain link could not carry the token.
 *
 * @param path from /api on, with its query
 * @throws ApiError with the API's own words
 */
export async function download(path: string): Promise<void> {
  const ask = async () => fetch(path, { headers: { Authorization: `Bearer ${(await sessions.accessToken()) ?? ''}` } });
  let response = await ask();
  if (response.status === 401 && (await sessions.renew()) !== undefined) response = await ask();
  if (!response.ok) throw ApiError.of(await response.json().catch(() => undefined), response.status);
  const name = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1];
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name ?? path.replace(/\?.*/, '').split('/').at(-1)!;
  link.click();
  // the browser has begun to read it by then
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
