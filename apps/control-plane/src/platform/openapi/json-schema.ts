import { z } from 'zod';

/** JSON Schema, draft 2020-12, as OpenAPI 3.1 takes it. */
export type JsonSchema = { [keyword: string]: unknown };
export type Direction = 'input' | 'output';

interface Rendered {
  readonly root: JsonSchema;
  readonly definitions: Record<string, JsonSchema>;
}

const PREFIX = '#/$defs/';

/**
 * Renders zod schemas as parts of one document. A schema with `.meta({ id })` becomes a component; where what may be sent
 * differs from what comes back (defaults), the sent one is called `<id>Input`, so that neither overwrites the other.
 */
export class Components {
  readonly schemas: Record<string, JsonSchema> = {};

  /** @throws Error for two different shapes of one name, and for what JSON cannot represent */
  render(schema: z.ZodType, direction: Direction): JsonSchema {
    const rendered = toJsonSchema(schema, direction, 'throw');
    const other = toJsonSchema(schema, direction === 'input' ? 'output' : 'input', 'any');
    const differing = differingNames(rendered.definitions, other.definitions);
    const rename = (name: string) => (direction === 'input' && differing.has(name) ? `${name}Input` : name);
    for (const [name, definition] of Object.entries(rendered.definitions)) {
      this.add(rename(name), withReferences(definition, rename));
    }
    return withReferences(rendered.root, rename);
  }

  private add(name: string, definition: JsonSchema): void {
    const known = this.schemas[name];
    if (known && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new Error(`two different schemas are called ${name}; give one of them another .meta({ id })`);
    }
    this.schemas[name] = definition;
  }
}

function toJsonSchema(schema: z.ZodType, io: Direction, unrepresentable: 'throw' | 'any'): Rendered {
  const {
    $schema: _,
    $defs = {},
    ...root
  } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable, override: mend }) as JsonSchema & {
    $defs?: Record<string, JsonSchema>;
  };
  return { root, definitions: $defs };
}

/** What zod's own rendering leaves out or adds as noise. */
function mend({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: JsonSchema }): void {
  const schema = zodSchema as z.ZodType & {
    _zod: { def: { type: string; defaultValue?: unknown; catchall?: unknown; discriminator?: string } };
  };
  const { type, defaultValue, catchall, discriminator } = schema._zod.def;
  const examples = z.globalRegistry.get(schema)?.['examples'];
  if (examples !== undefined && !('$ref' in jsonSchema)) jsonSchema['examples'] = examples; // lost on preprocess()
  if (type === 'default' && jsonSchema['default'] === undefined) jsonSchema['default'] = defaultValue; // so is this
  if (jsonSchema['minimum'] === -Number.MAX_SAFE_INTEGER) delete jsonSchema['minimum'];
  if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
  if (jsonSchema['format'] && jsonSchema['pattern']) delete jsonSchema['pattern']; // long regular expressions of dates and uuids
  if (type === 'object' && !catchall) delete jsonSchema['additionalProperties']; // answers may grow
  if (discriminator && jsonSchema['oneOf']) jsonSchema['discriminator'] = { propertyName: discriminator };
  delete jsonSchema['id'];
}

/** Definitions that differ between the directions, and all that refer to them. */
function differingNames(a: Record<string, JsonSchema>, b: Record<string, JsonSchema>): Set<string> {
  const differing = new Set(Object.keys(a).filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name])));
  for (let before = -1; before !== differing.size;) {
    before = differing.size;
    for (const [name, definition] of Object.entries(a)) {
      if (referencesOf(definition).some((reference) => differing.has(reference))) differing.add(name);
    }
  }
  return differing;
}

function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' && inner.startsWith(PREFIX)
      ? [inner.slice(PREFIX.length)]
      : referencesOf(inner),
  );
}

function withReferences<T>(value: T, rename: (name: string) => string): T {
  if (Array.isArray(value)) return value.map((inner: unknown) => withReferences(inner, rename)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' && inner.startsWith(PREFIX)
        ? `#/components/schemas/${rename(inner.slice(PREFIX.length))}`
        : withReferences(inner as unknown, rename),
    ]),
  ) as T;
}
