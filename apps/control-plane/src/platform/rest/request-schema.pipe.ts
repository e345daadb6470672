import { Injectable } from '@nestjs/common';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import { describeIssues } from './issues.js';

type Place = 'body' | 'query' | 'path';
const PLACE: Readonly<Record<string, Place>> = { body: 'body', query: 'query', param: 'path' };

/** Validates every body, query and path parameter by its schema. The boot check holds that each one has a schema. */
@Injectable()
export class RequestSchemaPipe implements PipeTransform {
  async transform(value: unknown, meta: ArgumentMetadata): Promise<unknown> {
    const place = PLACE[meta.type];
    const schema = (meta as { schema?: z.ZodType }).schema;
    if (!schema || !place) return value;
    if (place === 'body' && value === undefined) {
      const parsed = await schema.safeParseAsync({});
      if (parsed.success) return parsed.data; // every field may be left out, so the body may be too
      throw new AppError('VALIDATION_ERROR', 'The request needs a JSON body with Content-Type: application/json.', {
        field: 'body',
        expected: 'a JSON body',
        issues: describeIssues(parsed.error.issues, {}, []),
      });
    }
    const parsed = await schema.safeParseAsync(value);
    if (parsed.success) return parsed.data;
    const issues = describeIssues(parsed.error.issues, value, meta.data ? [meta.data] : []);
    throw validationError(place, issues);
  }
}

export function validationError(place: Place, issues: ReturnType<typeof describeIssues>): AppError {
  const [first] = issues;
  const field = first?.field || place;
  return new AppError('VALIDATION_ERROR', `${field}: ${first?.message ?? 'not valid'}`, {
    in: place,
    field,
    value: first?.value,
    expected: first?.expected,
    ...(issues.length > 1 && { issues: issues.map(({ field: at, message }) => ({ field: at || place, message })) }),
  });
}
