import { ApiError, sessions } from './session';

interface Picker {
  showSaveFilePicker(options: { readonly suggestedName: string }): Promise<{
    createWritable(): Promise<WritableStream<Uint8Array>>;
  }>;
}

/** Whether this browser writes a file while it comes; others hold the whole of it in memory first. */
export const streamsToDisk = (): boolean => 'showSaveFilePicker' in window;

/**
 * Fetches a file with the session's token and writes it where the person says, piece by piece where the browser can.
 *
 * @param told how many bytes have come
 * @returns bytes; undefined: the person chose no place
 * @throws ApiError with the API's own words
 */
export async function saveFile(
  path: string,
  suggestedName: string,
  told: (bytes: number) => void,
  signal: AbortSignal,
): Promise<number | undefined> {
  // the place is asked for first: browsers allow it only right after a click
  const place = await pick(suggestedName);
  if (place === null) return undefined;
  const response = await fetched(path, signal);
  let bytes = 0;
  const counted = response.body!.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        told((bytes += chunk.byteLength));
        controller.enqueue(chunk);
      },
    }),
  );
  if (place) {
    await counted.pipeTo(await place.createWritable(), { signal });
    return bytes;
  }
  handOver(await new Response(counted).blob(), nameOf(response) ?? suggestedName);
  return bytes;
}

/**
 * The same without asking for a place: the browser keeps it where it keeps what was downloaded. For files that fit into
 * memory.
 *
 * @param path from /api on, with its query
 * @throws ApiError with the API's own words
 */
export async function download(path: string): Promise<void> {
  const response = await fetched(path);
  handOver(await response.blob(), nameOf(response) ?? path.replace(/\?.*/, '').split('/').at(-1)!);
}

/** A plain link could not carry the session's token. */
async function fetched(path: string, signal?: AbortSignal): Promise<Response> {
  const ask = async () =>
    fetch(path, {
      ...(signal && { signal }),
      headers: { Authorization: `Bearer ${(await sessions.accessToken()) ?? ''}` },
    });
  let response = await ask();
  if (response.status === 401 && (await sessions.renew()) !== undefined) response = await ask();
  if (!response.ok || !response.body) {
    throw ApiError.of(await response.json().catch(() => undefined), response.status);
  }
  return response;
}

const nameOf = (response: Response) =>
  /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1];

function handOver(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // the browser has begun to read it by then
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** null: the person closed the dialog; undefined: this browser has none. */
async function pick(suggestedName: string) {
  if (!streamsToDisk()) return undefined;
  try {
    return await (window as unknown as Picker).showSaveFilePicker({ suggestedName });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}
