import * as z from 'zod/mini';
import { nearest } from './nearest.js';
import type { fileSchema } from './schema.js';

type Issue = z.core.$ZodIssue;

/** What zod is to say of a fault that has no words of its own here, whichever language another part of the process set. */
export const WORDLESS = 'Invalid input';

/** A fault in a file: the path of the key, and what is wrong with it in one phrase. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly phrase: string;
}

/** What zod found, in words that say what was expected, what is there, and which key was probably meant. */
export function faultsOf(schema: typeof fileSchema, value: unknown, issues: readonly Issue[]): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    if (issue.code !== 'unrecognized_keys')
      return [{ path: issue.path, phrase: phraseOf(issue, at(value, issue.path)) }];
    const known = knownKeys(schema, issue.path, value);
    return issue.keys.map((key) => ({ path: [...issue.path, key], phrase: unknownKey(key, known) }));
  });
}

/** The path as it is written in documents: `controls[0].units[1]`. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('') || 'the file';

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  if (meant !== null) return `there is no such setting; did you mean "${meant}"?`;
  return `there is no such setting${known.length > 0 ? ` (there are ${[...known].sort().join(', ')})` : ''}`;
}

function phraseOf(issue: Issue, value: unknown): string {
  // a check of ours that says itself what it wants
  if (issue.message !== WORDLESS) return issue.message;
  const found = `found ${shown(value)}`;
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? `is missing: expected ${typeWord(issue.expected)}`
        : `expected ${typeWord(issue.expected)}, ${found}`;
    case 'too_small':
      return `expected ${bound(issue.origin, issue.inclusive ? 'at least' : 'more than', issue.minimum)}, ${found}`;
    case 'too_big':
      return `expected ${bound(issue.origin, issue.inclusive ? 'at most' : 'less than', issue.maximum)}, ${found}`;
    case 'invalid_value':
      return oneOf(issue.values.map(String), value);
    case 'invalid_union':
      if (issue.discriminator !== undefined)
        return oneOf(((issue as { options?: unknown[] }).options ?? []).map(String), value);
      return `has none of the forms that it may have, ${found}`;
    case 'invalid_format':
      return `expected a text like ${issue.pattern ?? issue.format}, ${found}`;
    default:
      return `cannot be used, ${found}`;
  }
}

function oneOf(allowed: readonly string[], value: unknown): string {
  const meant = typeof value === 'string' ? nearest(value, allowed) : null;
  const list = allowed.length === 1 ? `"${allowed[0]}"` : `one of ${allowed.join(', ')}`;
  if (value === undefined) return `is missing: expected ${list}`;
  return `expected ${list}, found ${shown(value)}${meant === null ? '' : `; did you mean "${meant}"?`}`;
}

const TYPES: Readonly<Record<string, string>> = {
  tuple: 'a list with at least one element',
  array: 'a list',
  object: 'an object in braces',
  record: 'an object in braces',
  string: 'a text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};
const typeWord = (type: string) => TYPES[type] ?? type;

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' elements', object: ' keys' };
const bound = (origin: string, word: string, limit: number | bigint) => `${word} ${limit}${UNITS[origin] ?? ''}`;

/** The value, short enough for a line. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  if (typeof value === 'object' && value !== null && text.length > 40)
    return Array.isArray(value) ? 'a list' : 'an object';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

interface Def {
  readonly shape?: Readonly<Record<string, z.ZodMiniType>>;
  readonly innerType?: z.ZodMiniType;
  readonly element?: z.ZodMiniType;
  readonly options?: readonly z.ZodMiniType[];
  readonly discriminator?: string;
  readonly valueType?: z.ZodMiniType;
}

/** The keys that an object at this path may have; empty when the schema does not say. */
function knownKeys(schema: z.ZodMiniType, path: readonly PropertyKey[], value: unknown): string[] {
  let here: z.ZodMiniType | undefined = schema;
  for (let depth = 0; here;) {
    const def = here._zod.def as Def;
    const inner = at(value, path.slice(0, depth)) as Record<string, unknown> | undefined;
    if (def.innerType) here = def.innerType;
    else if (def.options) here = optionFor(def, inner);
    else if (depth === path.length) return Object.keys(def.shape ?? {});
    else {
      here = def.shape?.[String(path[depth])] ?? def.element ?? def.valueType;
      depth++;
    }
  }
  return [];
}

function optionFor({ options = [], discriminator = '' }: Def, value: Record<string, unknown> | undefined) {
  return options.find((option) => {
    const literal = (option._zod.def as Def).shape?.[discriminator]?._zod.def as { values?: unknown[] } | undefined;
    return literal?.values?.includes(value?.[discriminator]);
  });
}
