import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { CostImport, CostImportQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import type { z } from 'zod';
import { AppError } from '../../platform/index.js';
import type { RequestActor } from '../../platform/index.js';
import { Reconciliation } from '../reconciliation/reconciliation.service.js';
import { ahead } from './ahead.js';
import { CurrencyDays } from './currency-days.js';
import { readFocusFile } from './focus-file.js';
import type { FocusItem, Rejection } from './focus-file.js';
import { InstanceLinks } from './instance-links.js';
import { billsOf, removeVanished } from './replacement.js';
import { Staging } from './staging.js';
import type { ImportedDays } from './staging.js';
import { StagingLines } from './staging-lines.js';
import { receive } from './upload.js';
import type { Upload } from './upload.js';

/** Rows of one statement. */
const CHUNK = 5_000;
/** Chunks of 2.5 MB or so that are ready while the database takes one: neither it nor the reading waits for the other. */
const READY = 3;
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
  // what one import takes out, another must not be bringing
  await tx.rows(query.mode === 'replace' ? LOCK : LOCK_SHARED, [`cost-import ${actor.tenantId}`]);
  const staging = await Staging.open(tx, { tenantId: actor.tenantId, importId: id });
  const items = readFocusFile(upload.text(), {
    dates: query.dates,
    now: tenant!.now.toISOString(),
    simulated: tenant!.simulated,
  });
  const currencies = new CurrencyDays();
  const lines = new StagingLines(await InstanceLinks.load(tx, actor.tenantId));
  const chunks = ahead(chunksOf(items, lines, currencies), READY);
  const stored = await (query.mode === 'replace' ? replace : merge)(tx, actor, query, staging, chunks);
  const { bills, rejections, firstDay, lastDay, ...sums } = stored;
  await tx.rows(FINISH, [
    actor.tenantId,
    id,
    JSON.stringify(sums),
    JSON.stringify(rejections),
    firstDay,
    lastDay,
    query.mode,
  ]);
  const about = { ...sums, mode: query.mode, file_name: query.file_name ?? null };
  await tx.record('costs.imported', { type: 'cost_import', id }, about);
  return {
    id: query.dry_run ? null : id,
    ...sums,
    mode: query.mode,
    bills,
    rejections,
    first_day: firstDay,
    last_day: lastDay,
    without_rate: await currencies.withoutRate(tx, actor.tenantId),
    dry_run: query.dry_run,
  };
}

interface Stored {
  rows: number;
  accepted: number;
  updated: number;
  duplicates: number;
  removed: number;
  rejected: number;
  firstDay: string | null;
  lastDay: string | null;
  readonly rejections: Rejection[];
  bills: Result['bills'];
}

const nothingYet = (): Stored => ({
  rows: 0,
  accepted: 0,
  updated: 0,
  duplicates: 0,
  removed: 0,
  rejected: 0,
  firstDay: null,
  lastDay: null,
  rejections: [],
  bills: [],
});

function count(stored: Stored, chunk: Chunk): void {
  stored.rows += chunk.lines + chunk.rejections.length;
  stored.rejected += chunk.rejections.length;
  stored.rejections.push(...chunk.rejections.slice(0, MOST_REJECTIONS - stored.rejections.length));
}

function include(stored: Stored, days: ImportedDays): void {
  stored.firstDay = least(stored.firstDay, days.firstDay);
  stored.lastDay = least(stored.lastDay, days.lastDay, -1);
}

type Storing = (
  tx: WriteTx,
  actor: RequestActor,
  query: CostImportQuery,
  staging: Staging,
  chunks: AsyncGenerator<Chunk>,
) => Promise<Stored>;

/** Chunk by chunk: while the database takes one, the next ones are read. */
const merge: Storing = async (_tx, _actor, query, staging, chunks) => {
  const stored = nothingYet();
  for await (const chunk of chunks) {
    count(stored, chunk);
    if (chunk.lines === 0) continue;
    await staging.add(chunk.texts);
    const taken = await staging.take(chunk.lines);
    stored.accepted += taken.accepted;
    stored.updated += taken.updated;
    stored.duplicates += taken.duplicates;
    include(stored, taken);
  }
  if (query.strict && stored.rejected > 0) throw refusedWhole(stored.rejected, stored.rejections);
  return stored;
};

/** The whole file is staged and judged before the ledger is touched. A row that is left out would be taken out: none may be. */
const replace: Storing = async (tx, actor, query, staging, chunks) => {
  const stored = nothingYet();
  for await (const chunk of chunks) {
    count(stored, chunk);
    if (chunk.lines > 0) await staging.add(chunk.texts);
  }
  if (stored.rejected > 0) throw refusedWhole(stored.rejected, stored.rejections);
  await staging.analyse();
  stored.bills = await billsOf(tx, actor.tenantId, query.shrink);
  const taken = await staging.store(stored.rows);
  const removed = await removeVanished(tx, actor.tenantId);
  include(stored, taken);
  include(stored, { firstDay: removed.first_day, lastDay: removed.last_day });
  const { accepted, updated, duplicates } = taken;
  return { ...stored, accepted, updated, duplicates, removed: removed.n };
};

async function* chunksOf(
  pieces: AsyncIterable<FocusItem[]>,
  lines: StagingLines,
  currencies: CurrencyDays,
): AsyncGenerator<Chunk> {
  let chunk: Chunk = { texts: [], lines: 0, rejections: [] };
  for await (const items of pieces) {
    let text = '';
    for (const item of items) {
      if ('record' in item) {
        text += lines.lineOf(item.record);
        currencies.see(item.record);
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

function refusedWhole(count: number, rejections: readonly Rejection[]): AppError {
  const [first] = rejections;
  return new AppError(
    'VALIDATION_ERROR',
    `${count} ${count === 1 ? 'row is' : 'rows are'} not right, the first in line ${first!.line}: ${first!.error}. Nothing of the file was stored.`,
    { field: 'body', rejected: count, rejections: rejections.slice(0, 100) },
  );
}

const least = (a: string | null, b: string | null, direction: 1 | -1 = 1): string | null =>
  a === null ? b : b === null ? a : a < b === (direction === 1) ? a : b;

const INSERT = `
  INSERT INTO flotilla.cost_imports (tenant_id, file_name, digest, bytes, imported_by)
  VALUES ($1, $2, decode($3, 'hex'), $4, $5) RETURNING id`;

const LOCK = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';
const LOCK_SHARED = 'SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))';

const FINISH = `
  UPDATE flotilla.cost_imports i
     SET rows = s.rows, accepted = s.accepted, updated = s.updated, duplicates = s.duplicates, rejected = s.rejected,
         removed = s.removed, mode = $7, rejections = $4::jsonb, first_day = $5::date, last_day = $6::date
    FROM jsonb_to_record($3::jsonb) AS s(rows bigint, accepted bigint, updated bigint, duplicates bigint, removed bigint, rejected bigint)
   WHERE i.tenant_id = $1 AND i.id = $2`;
