import { OF_NAME } from './example-names.js';
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

/** Makes values that schemas accept, of the examples, defaults and constants in them. */
export class Examples {
  /** Required leaves for which nothing sensible could be made: a test holds that there are none. */
  readonly missing = new Set<string>();

  constructor(private readonly components: Readonly<Record<string, JsonSchema>>) {}

  /** @param at names the place in `missing` */
  of(schema: JsonSchema, at: string): unknown {
    const own = this.declared(schema);
    if (own !== undefined) return own;
    const shared = named(schema, at);
    if (shared !== undefined) return shared;
    if (typeof schema['$ref'] === 'string') {
      const name = schema['$ref'].slice(COMPONENT.length);
      return this.of(this.components[name]!, name);
    }
    const branches = (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']) as JsonSchema[] | undefined;
    if (branches) return this.of(branches.find((branch) => this.isKnown(branch)) ?? branches[0]!, at);
    if (Array.isArray(schema['type']) && schema['type'].includes('null') && !this.isKnown(schema)) return null;
    switch (typeOf(schema)) {
      case 'object':
        return this.object(schema, at);
      case 'array':
        return this.array(schema, at);
      case 'boolean':
        return false;
      case 'null':
        return null;
      case 'integer':
      case 'number':
        return this.number(schema, at);
      case 'string':
        return this.text(schema, at);
      default:
        return {}; // anything goes
    }
  }

  private declared(schema: JsonSchema): unknown {
    const [own] = (schema['examples'] as unknown[] | undefined) ?? [];
    if (own !== undefined) return own;
    if (schema['const'] !== undefined) return schema['const'];
    if (schema['default'] !== undefined) return schema['default'];
    return Array.isArray(schema['enum']) ? (schema['enum'][0] as unknown) : undefined;
  }

  /** Whether an example can be made without inventing one: of a nullable text without examples, null is. */
  private isKnown(schema: JsonSchema): boolean {
    if (this.declared(schema) !== undefined || schema['$ref'] !== undefined) return true;
    const type = typeOf(schema);
    if (type === 'string') return OF_FORMAT[String(schema['format'])] !== undefined;
    if (type === 'integer' || type === 'number') return typeof schema['minimum'] === 'number';
    return type !== 'object';
  }

  private object(schema: JsonSchema, at: string): unknown {
    const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
    const required = new Set((schema['required'] ?? []) as string[]);
    const shown = Object.entries(properties).filter(
      ([name, property]) => required.has(name) || this.isKnown(property) || named(property, name) !== undefined,
    );
    return Object.fromEntries(shown.map(([name, property]) => [name, this.of(property, `${at}.${name}`)]));
  }

  private array(schema: JsonSchema, at: string): unknown[] {
    const tuple = schema['prefixItems'] as JsonSchema[] | undefined;
    if (tuple) return tuple.map((item, i) => this.of(item, `${at}[${i}]`));
    return schema['items'] ? [this.of(schema['items'] as JsonSchema, `${at}[]`)] : [];
  }

  private text(schema: JsonSchema, at: string): unknown {
    const known = OF_FORMAT[String(schema['format'])];
    if (known !== undefined) return known;
    this.missing.add(at);
    return 'text';
  }

  private number(schema: JsonSchema, at: string): number {
    if (typeof schema['minimum'] === 'number') return schema['minimum'];
    this.missing.add(at);
    return 0;
  }
}

/** The example that all fields of this name share, where its type fits. */
function named(schema: JsonSchema, at: string): unknown {
  const types = [schema['type'], ...((schema['anyOf'] ?? []) as JsonSchema[]).map(typeOf)].flat();
  const fits = (value: string | number) =>
    typeof value === 'number' ? types.includes('number') || types.includes('integer') : types.includes('string');
  return [OF_NAME[/(\w+)(\[\])?$/.exec(at)?.[1] ?? ''] ?? []].flat().find(fits);
}

function typeOf(schema: JsonSchema): unknown {
  return Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
}
