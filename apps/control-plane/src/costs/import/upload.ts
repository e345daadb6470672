import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../platform/index.js';

/** As it comes, and inflated. A month of a large bill has some hundred megabytes. */
export const MOST_BYTES = 1024 * 1024 * 1024;

/** A bill packs to a tenth or a thirtieth of its size. What packs to less than this share of it was made to. */
const MOST_RATIO = 200;
const SUSPICIOUS_BYTES = 64 * 1024 * 1024;

/** A file that came whole: the network is over, and what is read from now on is as fast as the disk. */
export interface Upload {
  readonly bytes: number;
  /** sha256 of the bytes as they came, hex. */
  readonly digest: string;
  /** Its text, inflated where it was compressed; fails with an AppError beyond the limit and for a broken archive. */
  text(): Readable;
  remove(): Promise<void>;
}

const tooLarge = (what: string) =>
  new AppError(
    'PAYLOAD_TOO_LARGE',
    `The file is larger than ${MOST_BYTES / 2 ** 20} MiB${what}. Split it, by month for example, and import the parts; nothing of it was stored.`,
    { field: 'body', expected: `at most ${MOST_BYTES} bytes` },
  );

const bomb = () =>
  new AppError(
    'PAYLOAD_TOO_LARGE',
    `The gzip file unpacks to more than ${MOST_RATIO} times its size, as no bill does. Send it unpacked if it is one; nothing of it was stored.`,
    { field: 'body', expected: `at most ${MOST_RATIO} times the packed size` },
  );

/**
 * Takes a request's body to the disk, so that no transaction ever waits for an uploader.
 *
 * @throws AppError PAYLOAD_TOO_LARGE, VALIDATION_ERROR for an empty body or one that broke off
 */
export async function receive(body: Readable, announcedBytes: number | null): Promise<Upload> {
  if (announcedBytes !== null && announcedBytes > MOST_BYTES) throw tooLarge('');
  const folder = await mkdtemp(join(tmpdir(), `flotilla-import-${process.pid}-`));
  const path = join(folder, 'body');
  const remove = () => rm(folder, { recursive: true, force: true });
  const hash = createHash('sha256');
  let bytes = 0;
  const count = limited((chunk) => {
    bytes += chunk.length;
    hash.update(chunk);
    return bytes <= MOST_BYTES ? null : tooLarge('');
  });
  try {
    await pipeline(body, count, createWriteStream(path, { mode: 0o600 }));
    if (bytes === 0)
      throw new AppError('VALIDATION_ERROR', 'The body is empty. Send the CSV itself as the body.', { field: 'body' });
    const isGzip = await beginsLikeGzip(path);
    // unpacked once to count: a bomb must not get as far as the database
    if (isGzip) for await (const _ of inflated(path, bytes));
    return {
      bytes,
      digest: hash.digest('hex'),
      text: () => (isGzip ? inflated(path, bytes) : createReadStream(path)),
      remove,
    };
  } catch (error) {
    await remove();
    if (error instanceof AppError) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code.startsWith('Z_')) {
      throw new AppError(
        'VALIDATION_ERROR',
        `The gzip file is broken (${message}). Pack it again; nothing of it was stored.`,
        { field: 'body', value: code },
      );
    }
    // a full disk is ours to mend, not the uploader's
    if (code === 'ENOSPC') throw error;
    throw new AppError(
      'VALIDATION_ERROR',
      'The upload broke off before its end. Send it again; nothing of it was stored.',
      {
        field: 'body',
      },
    );
  }
}

function inflated(path: string, packedBytes: number): Readable {
  let bytes = 0;
  const unzip = createGunzip();
  const out = limited((chunk) => {
    bytes += chunk.length;
    if (bytes > SUSPICIOUS_BYTES && bytes > MOST_RATIO * packedBytes) return bomb();
    return bytes <= MOST_BYTES ? null : tooLarge(' when it is unpacked');
  });
  // errors of any part reach the reader of the last one
  pipeline(createReadStream(path), unzip, out).catch(() => undefined);
  return out;
}

function limited(refusal: (chunk: Buffer) => AppError | null): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const refused = refusal(chunk);
      if (refused) done(refused);
      else done(null, chunk);
    },
  });
}

async function beginsLikeGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
