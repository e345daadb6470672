import type { z } from 'zod';

export interface IssueText {
  readonly field: string;
  readonly message: string;
  readonly value: unknown;
  readonly expected: unknown;
}

const SECRET = /pass(word|phrase)|secret|token|key|authorization|credential|kubeconfig/i;
const MOST_ISSUES = 50;

/** zod's issues in the words of the API: the field's name, the value that came (never a secret), what was expected. */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  base: readonly PropertyKey[],
): IssueText[] {
  return issues.slice(0, MOST_ISSUES).flatMap((issue) => {
    const path = [...base, ...issue.path];
    const found = valueAt(input, issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys
        .slice(0, MOST_ISSUES)
        .map((key) => ({ ...text([...path, key], 'unknown field', undefined), expected: 'no such field' }));
    }
    if (issue.code === 'invalid_union') {
      // the branch that got furthest says most
      const branches = issue.errors.map((branch) => describeIssues(branch, found, path));
      const best = branches.filter((branch) => branch.length > 0).sort((a, b) => depth(b) - depth(a))[0];
      if (best && depth(best) > path.length) return best;
      const expected = [...new Set(branches.flat().map((one) => one.expected))].filter((one) => one !== undefined);
      return [{ ...text(path, 'not one of the accepted forms', found), expected: expected.join(' or ') || undefined }];
    }
    const missing = found === undefined && issue.code === 'invalid_type';
    return [{ ...text(path, missing ? 'required' : issue.message, found), expected: expectation(issue) }];
  });
}

function text(path: readonly PropertyKey[], message: string, value: unknown): IssueText {
  const field = path.map(String).join('.').slice(0, 300);
  return { field, message, value: SECRET.test(field) ? undefined : short(value), expected: undefined };
}

function expectation(issue: z.core.$ZodIssue): unknown {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected;
    case 'invalid_value':
      return issue.values;
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'invalid_format':
      return issue.format === 'regex' ? issue.pattern : issue.format;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    default:
      return undefined;
  }
}

function depth(issues: readonly IssueText[]): number {
  return Math.max(...issues.map((issue) => issue.field.split('.').length));
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** Long values are cut, structures only named: an error must stay readable and small. */
function short(value: unknown): unknown {
  if (typeof value === 'string') return value.length > 100 ? `${value.slice(0, 100)}…` : value;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return value;
}
