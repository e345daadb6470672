import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setImmediate } from 'node:timers/promises';
import { focusHeader, FocusCellError } from '@flotilla/domain';
import type { CostRecord, FocusOptions, FocusReader } from '@flotilla/domain';
import { AppError } from '../../platform/index.js';
import { BrokenCsvError, CsvRows } from './csv-rows.js';

export interface Rejection {
  /** Line of the file that the row begins in, from 1; the header is line 1. */
  readonly line: number;
  readonly column: string | null;
  readonly error: string;
}

/** Bytes. */
const PIECE = 16 * 1024;

export type FocusItem = { readonly line: number; readonly record: CostRecord } | Rejection;

/**
 * The rows of a FOCUS file, a piece of its text at a time, in constant memory. A row that cannot be a charge is a
 * rejection; a file that is no CSV ends with an error, because what comes after a broken quote means nothing.
 *
 * A piece is a millisecond or two of work, and after each of them others get their turn: requests, and the database, to
 * which rows are on their way.
 *
 * @throws AppError VALIDATION_ERROR naming the line
 */
export async function* readFocusFile(text: Readable, options: FocusOptions): AsyncGenerator<FocusItem[]> {
  let read: FocusReader | undefined;
  let width = 0;
  let items: FocusItem[] = [];
  const rows = new CsvRows((cells, line) => {
    if (read) items.push(itemOf(cells, line, read, width));
    else {
      read = headerOf(cells, options);
      width = cells.length;
    }
  });
  const decoder = new StringDecoder('utf8');
  try {
    for await (const block of text as AsyncIterable<Buffer>) {
      for (let from = 0; from < block.length; from += PIECE) {
        rows.push(decoder.write(block.subarray(from, from + PIECE)));
        if (items.length === 0) continue;
        yield items;
        items = [];
        await setImmediate();
      }
    }
    rows.push(decoder.end());
    rows.end();
  } catch (error) {
    throw error instanceof BrokenCsvError ? notCsv(error) : error;
  } finally {
    text.destroy();
  }
  if (items.length > 0) yield items;
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

function notCsv({ line, message }: BrokenCsvError): AppError {
  return new AppError(
    'VALIDATION_ERROR',
    `The file is no CSV from line ${line} on: ${message}. Nothing of it was stored.`,
    { field: 'body', line, expected: 'CSV by RFC 4180' },
  );
}
