import { json, raw as rawBytes } from 'express';
import type { NextFunction, Request, Response } from 'express';
import { AppError } from '../errors/app-error.js';
import type { FlotillaRequest } from './actor.js';
import { jsonGuard } from './json-guard.js';
import type { JsonLimits } from './json-guard.js';
import type { BodyMode } from './route.js';

const MIB = 1024 * 1024;
const USUAL: JsonLimits = { depth: 32, keys: 1000, elements: 10_000 };
/** API.md, section 1: 100,000 elements of all sections together; the room counts the sum. */
const INGEST: JsonLimits = { depth: 32, keys: 1000, elements: 100_000 };

type Parser = (request: Request, response: Response, next: NextFunction) => void;

// The limit is on the inflated size: a gzip bomb ends at it, not in memory.
function jsonParser(limit: number, limits: JsonLimits): Parser {
  const guard = jsonGuard(limits);
  return json({
    limit,
    strict: false,
    type: isJson,
    verify: (request, response, body, charset) => {
      guard(request, response, body, charset);
      (request as unknown as FlotillaRequest).rawBody = body;
    },
  });
}

const PARSERS: Readonly<Record<Exclude<BodyMode, 'stream'>, Parser>> = {
  json: jsonParser(MIB, USUAL),
  ingest: jsonParser(16 * MIB, INGEST),
  raw: rawBytes({ limit: 16 * MIB, type: () => true }),
};

/**
 * Reads the body of a request whose caller is known and allowed: nothing is parsed for strangers.
 *
 * @throws AppError for what cannot be read, saying what mends it
 */
export async function readBody(request: Request, response: Response, mode: BodyMode): Promise<void> {
  if (mode === 'stream' || !hasBody(request)) return;
  if (mode !== 'raw' && !isJson(request)) {
    throw new AppError('VALIDATION_ERROR', 'The body must be JSON. Send it with Content-Type: application/json.', {
      field: 'Content-Type',
      value: request.headers['content-type']?.slice(0, 100) ?? null,
      expected: 'application/json',
    });
  }
  await new Promise<void>((resolve, reject) => {
    PARSERS[mode](request, response, (error?: unknown) => (error ? reject(bodyError(error)) : resolve()));
  });
}

interface HttpError {
  readonly type?: string;
  readonly limit?: number;
  readonly message?: string;
  readonly statusCode?: number;
}

/** What body-parser throws, in the API's words; undefined when it is something else. */
export function bodyError(error: unknown): Error {
  if (error instanceof AppError) return error;
  const { type, limit, message, statusCode } = error as HttpError;
  switch (type) {
    case 'entity.too.large':
      return new AppError('PAYLOAD_TOO_LARGE', `The body is larger than ${describeBytes(limit)}. Send it in parts.`, {
        field: 'body',
        expected: `at most ${describeBytes(limit)}, uncompressed`,
      });
    case 'entity.parse.failed':
      return new AppError(
        'VALIDATION_ERROR',
        `The body is not valid JSON${position(message)}. Send one JSON value: double quotes around names and texts, no trailing comma.`,
        {
          field: 'body',
          expected: 'valid JSON',
        },
      );
    case 'encoding.unsupported':
      return new AppError(
        'VALIDATION_ERROR',
        'This Content-Encoding cannot be read. Send gzip, deflate, br or no encoding.',
        { field: 'Content-Encoding' },
      );
    case 'charset.unsupported':
      return new AppError('VALIDATION_ERROR', 'The body must be JSON in UTF-8.', {
        field: 'Content-Type',
        expected: 'utf-8',
      });
    case 'request.aborted':
      return new AppError('VALIDATION_ERROR', 'The request ended before its body did.', { field: 'body' });
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new AppError(
      'VALIDATION_ERROR',
      'The body cannot be read: it does not match its Content-Encoding or Content-Length.',
      { field: 'body' },
    );
  }
  return error as Error;
}

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

function isJson(request: { headers: Request['headers'] }): boolean {
  return /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(request.headers['content-type'] ?? '');
}

/** The parser's message cites the body; only the place leaves the server. */
function position(message: string | undefined): string {
  const found = /at position (\d+)/.exec(message ?? '');
  return found ? ` (at character ${found[1]})` : '';
}

function describeBytes(bytes: number | undefined): string {
  return bytes === undefined ? 'the limit' : `${bytes / MIB} MiB`;
}
