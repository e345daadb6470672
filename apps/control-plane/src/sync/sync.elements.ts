import type { z } from 'zod';

export interface RejectedElement {
  readonly index: number;
  readonly error: string;
}

export interface ReadElement<Element> {
  readonly index: number;
  readonly element: Element;
}

export interface ReadElements<Element> {
  readonly read: ReadElement<Element>[];
  readonly rejected: RejectedElement[];
  readonly ignoredFields: number;
}

/** Rejections of one section that are listed one by one; the answer would otherwise outgrow the body. */
const LONGEST_MESSAGE = 500;

/** Reads elements one by one: a bad one never rejects its neighbours, a field that is not known is counted. */
export function readElements<Shape extends z.ZodObject>(
  schema: Shape,
  elements: readonly unknown[],
): ReadElements<z.infer<Shape>> {
  const known = schema.shape;
  const read: ReadElement<z.infer<Shape>>[] = [];
  const rejected: RejectedElement[] = [];
  let ignoredFields = 0;
  for (const [index, element] of elements.entries()) {
    const parsed = schema.safeParse(element);
    if (!parsed.success) {
      rejected.push({ index, error: explain(parsed.error.issues[0]!, element) });
      continue;
    }
    for (const field in element as object) if (!Object.hasOwn(known, field)) ignoredFields++;
    read.push({ index, element: parsed.data });
  }
  return { read, rejected, ignoredFields };
}

function explain(issue: z.core.$ZodIssue, element: unknown): string {
  const field = issue.path.map(String).join('.');
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return 'an element must be an object';
  const missing =
    issue.code === 'invalid_type' && (element as Record<string, unknown>)[String(issue.path[0])] === undefined;
  return (missing ? `${field} is required` : `${field}: ${issue.message}`).slice(0, LONGEST_MESSAGE);
}
