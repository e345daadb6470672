import type { JsonSchema } from './json-schema.js';

const COMPONENT = '#/components/schemas/';
const OF_FORMAT: Readonly<Record<string, unknown>> = {
  uuid: '6f1c9a1e-52d4-4b7e-9d1c-0a4e5b6c7d8e',
  'date-time': '2026-11-22T10:15:30.000Z',
  date: '2026-11-22',
  email: 'ada@example.com',
  uri: 'https://example.com',
  ipv4: '192.0.2.7',
};

/** Leaves of a schema for which no example can be made without inventing one. */
export class MissingExample extends Error {}

/**
 * A value that a schema accepts, made of the examples, defaults and constants in it.
 *
 * @throws MissingExample naming the leaf that has none
 */
export function exampleOf(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>, at = ''): unknown {
  const [own] = (schema['examples'] as unknown[] | undefined) ?? [];
  if (own !== undefined) return own;
  if (schema['const'] !== undefined) return schema['const'];
  if (schema['default'] !== undefined) return schema['default'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown;
  if (typeof schema['$ref'] === 'string') {
    const name = schema['$ref'].slice(COMPONENT.length);
    return exampleOf(components[name]!, components, `${at}<${name}>`);
  }
  const [branch] = (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf'] ?? []) as JsonSchema[];
  if (branch) return exampleOf(branch, components, at);
  switch (Array.isArray(schema['type']) ? (schema['type'][0] as string) : schema['type']) {
    case 'object':
      return exampleObject(schema, components, at);
    case 'array':
      return exampleArray(schema, components, at);
    case 'boolean':
      return false;
    case 'null':
      return null;
    case 'integer':
    case 'number':
      return exampleNumber(schema, at);
    case 'string':
      if (schema['format'] && OF_FORMAT[schema['format'] as string] !== undefined)
        return OF_FORMAT[schema['format'] as string];
      throw new MissingExample(`${at || 'the value'} needs examples in its .meta()`);
    default:
      return {}; // anything goes
  }
}

function exampleObject(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>, at: string): unknown {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  const required = new Set((schema['required'] ?? []) as string[]);
  const entries = Object.entries(properties).flatMap(([name, property]) => {
    try {
      return [[name, exampleOf(property, components, `${at}.${name}`)] as const];
    } catch (error) {
      if (error instanceof MissingExample && !required.has(name)) return []; // what may be left out is left out
      throw error;
    }
  });
  return Object.fromEntries(entries);
}

function exampleArray(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>, at: string): unknown[] {
  const tuple = schema['prefixItems'] as JsonSchema[] | undefined;
  if (tuple) return tuple.map((item, i) => exampleOf(item, components, `${at}[${i}]`));
  return schema['items'] ? [exampleOf(schema['items'] as JsonSchema, components, `${at}[]`)] : [];
}

/** Numbers need an example, since the unit is in it; a bounded one may take its lower bound. */
function exampleNumber(schema: JsonSchema, at: string): number {
  if (typeof schema['minimum'] === 'number') return schema['minimum'];
  throw new MissingExample(`${at || 'the value'} needs examples in its .meta()`);
}
