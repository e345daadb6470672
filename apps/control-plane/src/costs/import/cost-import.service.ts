import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { CostImport, CostImportQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import type { z } from 'zod';
import { AppError } from '../../platform/index.js';
import type { RequestActor } from '../../platform/index.js';
import { Reconciliation } from '../reconciliation/reconciliation.service.js';
import { readFocusFile } from './focus-file.js';
import type { FocusItem, Rejection } from './focus-file.js';
import { InstanceLinks } from './instance-links.js';
import { Staging } from './staging.js';
import { StagingLines } from './staging-lines.js';
import { receive } from './upload.js';
import type { Upload } from './upload.js';

/** Rows that are in memory at once, twice: the next ones are read while the database takes these. */
const CHUNK = 8_000;
/** What is listed one by one; the count has them all. */
const MOST_REJECTIONS = 1_000;

type Result = z.input<typeof CostImport>;

class DryRun extends Error {}

interface Chunk {
  /** Lines of COPY, many in each; as bytes, since texts that were put together cost the collector more than to write them. */
  readonly texts: Buffer[];
  lines: number;
  readonly rejections: Rejection[];
}

/** Bills in FOCUS come in whole or not at all; a row that cannot be a charge is told and left out. */
@Injectable()
export class CostImportService {
  constructor(
    private readonly db: Db,
    private readonly reconciliation: Reconciliation,
  ) {}

  /** @throws AppError PAYLOAD_TOO_LARGE, VALIDATION_ERROR: then nothing was stored */
  async import(
    actor: RequestActor,
    query: CostImportQuery,
    body: Readable,
    announcedBytes: number | null,
  ): Promise<Result> {
    const upload = await receive(body, announcedBytes);
    try {
      let result: Result | undefined;
      await this.db
        .write(actor, async (tx) => {
          result = await store(tx, actor, query, upload);
          const { first_day: first, last_day: last } = result;
          if (first && last) await this.reconciliation.settle(tx, actor.tenantId, first, last);
          if (query.dry_run) throw new DryRun();
        })
        .catch((error: unknown) => {
          if (!(error instanceof DryRun)) throw error;
        });
      return result!;
    } finally {
      await upload.remove();
    }
  }
}

async function store(tx: WriteTx, actor: RequestActor, query: CostImportQuery, upload: Upload): Promise<Result> {
  const tenant = await tx.row<{ simulated: boolean; now: Date }>(
    'SELECT t.simulated, now() AS now FROM flotilla.tenants t WHERE t.tenant_id = $1',
    [actor.tenantId],
  );
  const { id } = (await tx.row<{ id: number }>(INSERT, [
    actor.tenantId,
    query.file_name ?? null,
    upload.digest,
    upload.bytes,
    actor.label,
  ]))!;
  // one statement of an import may take longer than what a request may ask for
  await tx.rows(`SET LOCAL statement_timeout = '5min'`);
  const staging = await Staging.open(tx);
  const items = readFocusFile(upload.text(), {
    dates: query.dates,
    now: tenant!.now.toISOString(),
    simulated: tenant!.simulated,
  });
  const sums = { rows: 0, accepted: 0, updated: 0, duplicates: 0, rejected: 0 };
  const rejections: Rejection[] = [];
  let firstDay: string | null = null;
  let lastDay: string | null = null;
  const lines = new StagingLines(await InstanceLinks.load(tx, actor.tenantId));
  for await (const chunk of ahead(chunksOf(items, lines))) {
    sums.rows += chunk.lines + chunk.rejections.length;
    sums.rejected += chunk.rejections.length;
    rejections.push(...chunk.rejections.slice(0, MOST_REJECTIONS - rejections.length));
    if (chunk.lines === 0) continue;
    const taken = await staging.take(chunk.texts, chunk.lines, { tenantId: actor.tenantId, importId: id });
    sums.accepted += taken.accepted;
    sums.updated += taken.updated;
    sums.duplicates += taken.duplicates;
    firstDay = least(firstDay, taken.firstDay);
    lastDay = least(lastDay, taken.lastDay, -1);
  }
  await staging.close();
  if (query.strict && sums.rejected > 0) throw refusedWhole(sums.rejected, rejections);
  await tx.rows(FINISH, [actor.tenantId, id, JSON.stringify(sums), JSON.stringify(rejections), firstDay, lastDay]);
  await tx.record('costs.imported', { type: 'cost_import', id }, { ...sums, file_name: query.file_name ?? null });
  return {
    id: query.dry_run ? null : id,
    ...sums,
    rejections,
    first_day: firstDay,
    last_day: lastDay,
    dry_run: query.dry_run,
  };
}

async function* chunksOf(pieces: AsyncIterable<FocusItem[]>, lines: StagingLines): AsyncGenerator<Chunk> {
  let chunk: Chunk = { texts: [], lines: 0, rejections: [] };
  for await (const items of pieces) {
    let text = '';
    for (const item of items) {
      if ('record' in item) {
        text += lines.lineOf(item.record);
        chunk.lines++;
      } else chunk.rejections.push(item);
    }
    chunk.texts.push(Buffer.from(text));
    if (chunk.lines + chunk.rejections.length < CHUNK) continue;
    yield chunk;
    chunk = { texts: [], lines: 0, rejections: [] };
  }
  yield chunk;
}

/** Asks for the next item before the last one is dealt with: reading and storing go on side by side. */
async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next();
  // whoever awaits it hears of its failure; until then it is not a rejection that nobody handles
  next.catch(() => undefined);
  for (;;) {
    const { value, done } = await next;
    if (done) return;
    next = items.next();
    next.catch(() => undefined);
    yield value as T;
  }
}

function refusedWhole(count: number, rejections: readonly Rejection[]): AppError {
  const [first] = rejections;
  return new AppError(
    'VALIDATION_ERROR',
    `${count} ${count === 1 ? 'row is' : 'rows are'} not right, the first in line ${first!.line}: ${first!.error}. With strict nothing of the file was stored.`,
    { field: 'body', rejected: count, rejections: rejections.slice(0, 100) },
  );
}

const least = (a: string | null, b: string | null, direction: 1 | -1 = 1): string | null =>
  a === null ? b : b === null ? a : a < b === (direction === 1) ? a : b;

const INSERT = `
  INSERT INTO flotilla.cost_imports (tenant_id, file_name, digest, bytes, imported_by)
  VALUES ($1, $2, decode($3, 'hex'), $4, $5) RETURNING id`;

const FINISH = `
  UPDATE flotilla.cost_imports i
     SET rows = s.rows, accepted = s.accepted, updated = s.updated, duplicates = s.duplicates, rejected = s.rejected,
         rejections = $4::jsonb, first_day = $5::date, last_day = $6::date
    FROM jsonb_to_record($3::jsonb) AS s(rows bigint, accepted bigint, updated bigint, duplicates bigint, rejected bigint)
   WHERE i.tenant_id = $1 AND i.id = $2`;
