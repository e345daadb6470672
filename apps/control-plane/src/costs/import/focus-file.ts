import type { Readable } from 'node:stream';
import { focusHeader, FocusCellError } from '@flotilla/domain';
import type { CostRecord, FocusOptions, FocusReader } from '@flotilla/domain';
import { CsvError, parse } from 'csv-parse';
import type { Info } from 'csv-parse';
import { AppError } from '../../platform/index.js';

export interface Rejection {
  /** Line of the file, from 1; the header is line 1. */
  readonly line: number;
  readonly column: string | null;
  readonly error: string;
}

export type FocusItem = { readonly line: number; readonly record: CostRecord } | Rejection;

/** A row of more text than this is no row of a bill but a quote that never ends. */
const LONGEST_ROW = 1024 * 1024;

/**
 * The rows of a FOCUS file one after the other, in constant memory. A row that cannot be a charge is a rejection; a file
 * that is no CSV ends with an error, because what comes after a broken quote means nothing.
 *
 * @throws AppError VALIDATION_ERROR naming the line
 */
export async function* readFocusFile(text: Readable, options: FocusOptions): AsyncGenerator<FocusItem> {
  const rows = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
  });
  text.on('error', (error) => rows.destroy(error));
  text.pipe(rows);
  let read: FocusReader | undefined;
  let width = 0;
  try {
    for await (const { record: cells, info } of rows as AsyncIterable<{ record: string[]; info: Info }>) {
      if (!read) {
        read = headerOf(cells, options);
        width = cells.length;
        continue;
      }
      yield itemOf(cells, info.lines, read, width);
    }
  } catch (error) {
    throw error instanceof CsvError ? notCsv(error) : error;
  } finally {
    text.destroy();
  }
  if (!read)
    throw new AppError('VALIDATION_ERROR', 'The file has no header.', { field: 'body', expected: 'a FOCUS CSV' });
}

function headerOf(cells: readonly string[], options: FocusOptions): FocusReader {
  const { fault, read } = focusHeader(cells, options);
  if (fault !== null) {
    throw new AppError('VALIDATION_ERROR', `Line 1: ${fault}. Nothing of the file was stored.`, {
      field: 'body',
      value: cells.slice(0, 10).join(',').slice(0, 200),
      expected: 'the header of a FOCUS CSV',
    });
  }
  return read;
}

function itemOf(cells: readonly string[], line: number, read: FocusReader, width: number): FocusItem {
  if (cells.length !== width) {
    return {
      line,
      column: null,
      error: `the row has ${cells.length} cells and the header ${width}: is a cell with a comma not quoted?`,
    };
  }
  try {
    return { line, record: read(cells) };
  } catch (error) {
    if (error instanceof FocusCellError) return { line, column: error.column, error: error.message };
    throw error;
  }
}

function notCsv(error: CsvError): AppError {
  const line = typeof error['lines'] === 'number' ? error['lines'] : null;
  return new AppError(
    'VALIDATION_ERROR',
    `The file is no CSV${line === null ? '' : ` from line ${line} on`}: ${error.message}. Nothing of it was stored.`,
    { field: 'body', value: error.code, ...(line === null ? {} : { line }), expected: 'CSV by RFC 4180' },
  );
}
