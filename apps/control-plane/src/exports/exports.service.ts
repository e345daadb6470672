import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import type { ExportFormat, ExportOptions } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { ReadTx } from '@flotilla/persistence';
import type { Response } from 'express';
import { AppError, Log } from '../platform/index.js';
import type { ExportSource, ExportTable, RequestActor } from '../platform/index.js';
import { CSV_OPTIONS, csvStatement, focusStatement, JSON_OPTIONS, jsonStatement } from './copy.sql.js';
import { exportFacts } from './export-facts.js';
import type { ExportFacts } from './export-facts.js';
import { fileName, headersOf } from './export-headers.js';
import { barsOf, rowsOf, totalsOf } from './exports.queries.js';
import { writeReport } from './pdf/report.js';

/** A PDF of more rows is read by nobody and costs memory: the CSV has them. */
export const PDF_MOST_ROWS = 10_000;
/** PDFs that are made at once; each costs some 200 MB while it is made. */
const PDFS_AT_ONCE = 1;
const PDFS_WAITING = 4;

const STATEMENTS = { csv: csvStatement, json: jsonStatement, focus: focusStatement } as const;

/** Writes lists as files, straight from the database to the caller. */
@Injectable()
export class ExportsService {
  private readonly log: Log;
  private waiting = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly db: Db,
    log: Log,
  ) {
    this.log = log.child('exports');
  }

  /** Sends one export; resolves when it is sent whole, or its reader has gone. @throws AppError before the first byte */
  async send<Query extends ExportOptions>(
    table: ExportTable<Query>,
    actor: RequestActor,
    query: Query,
    response: Response,
  ): Promise<void> {
    if (query.format === 'pdf') return this.inTurn(() => this.sendReport(table, actor, query, response));
    const { source, facts } = await this.db.read(actor, (tx) => prepare(tx, table, actor, query));
    const isCsv = query.format !== 'json';
    const statement = STATEMENTS[query.format](table as ExportTable<unknown>, source);
    await this.audit(actor, table.name, query.format, facts);
    const copy = await this.db.copyOut(actor, statement, source.values, isCsv ? CSV_OPTIONS : JSON_OPTIONS);
    begin(response, table.name, query.format, facts);
    if (isCsv && query.bom) response.write('\uFEFF');
    await this.deliver(table.name, () => pipeline(copy.rows, response));
  }

  private async sendReport<Query extends ExportOptions>(
    table: ExportTable<Query>,
    actor: RequestActor,
    query: Query,
    response: Response,
  ): Promise<void> {
    if (response.destroyed) return;
    const { facts, ...found } = await this.db.read(actor, async (tx) => {
      const prepared = await prepare(tx, table, actor, query);
      const { totals, total } = await totalsOf(tx, table, prepared.source);
      return {
        ...prepared,
        totals,
        total,
        bars: await barsOf(tx, table, prepared.source),
        rows: await rowsOf(tx, table, prepared.source, PDF_MOST_ROWS),
      };
    });
    await this.audit(actor, table.name, query.format, facts);
    const { pdf, done } = writeReport({ ...facts, ...found, reading: facts, table: table as never }, found.rows);
    begin(response, table.name, query.format, facts);
    await this.deliver(table.name, () =>
      Promise.all([pipeline(pdf as unknown as NodeJS.ReadableStream, response), done]),
    );
  }

  /** One report after the other: they are work for the processor, and everybody else waits while one is drawn. */
  private async inTurn(work: () => Promise<void>): Promise<void> {
    if (this.waiting >= PDFS_AT_ONCE + PDFS_WAITING) {
      throw new AppError(
        'SERVICE_UNAVAILABLE',
        `${this.waiting} reports are being made already. Try again in a minute, or take the CSV: it does not wait.`,
        {},
        60,
      );
    }
    this.waiting++;
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    try {
      await turn;
    } finally {
      this.waiting--;
    }
  }

  private async deliver(name: string, send: () => Promise<unknown>): Promise<void> {
    try {
      await send();
    } catch (error) {
      // the head is out already: a connection that breaks is all that can tell the reader that the file is not whole
      this.log.warn({ err: error, export: name }, 'an export ended before it was whole');
    }
  }

  private async audit(actor: RequestActor, name: string, format: ExportFormat, facts: ExportFacts): Promise<void> {
    await this.db.write(actor, (tx) =>
      tx.record('export.created', { type: 'export', id: name }, { format, filters: facts.filters }),
    );
  }
}

async function prepare<Query extends ExportOptions>(
  tx: ReadTx,
  table: ExportTable<Query>,
  actor: RequestActor,
  query: Query,
): Promise<{ source: ExportSource; facts: ExportFacts }> {
  const source = await table.source(tx, actor, query);
  return { source, facts: await exportFacts(tx, actor, table, source, query) };
}

function begin(response: Response, name: string, format: ExportFormat, facts: ExportFacts): void {
  response.status(200);
  for (const [header, value] of Object.entries(headersOf(name, format, facts))) response.setHeader(header, value);
  response.setHeader('Content-Disposition', `attachment; filename="${fileName(name, format, facts)}"`);
}
