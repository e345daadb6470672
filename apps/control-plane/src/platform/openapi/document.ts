import { ErrorBody } from '@flotilla/contracts';
import { objectDef } from '../rest/assert-contracts.js';
import type { RouteArgument, RouteEntry } from '../rest/route-table.js';
import { Examples } from './example.js';
import { Components } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, JsonSchema>; readonly [part: string]: unknown };
  readonly [part: string]: unknown;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly JsonSchema[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, MediaType> };
  readonly responses: Record<
    string,
    { readonly content?: Record<string, MediaType>; readonly [more: string]: unknown }
  >;
  readonly [extension: `x-${string}`]: unknown;
}

interface MediaType {
  readonly schema?: JsonSchema;
  readonly example?: unknown;
}

const ERROR_TEXT: Readonly<Record<number, string>> = {
  400: 'Something in the request is not valid; details name it',
  401: 'The caller is not known',
  403: 'The caller may not; details name the missing role',
  404: 'There is no such thing in this tenant',
  409: 'The state of things does not allow it',
  413: 'The body is too large',
  429: 'Too many requests; Retry-After says when to repeat',
  500: 'A fault of the server',
  502: 'An outside system failed',
  503: 'Not possible just now; Retry-After says when to repeat',
};

/**
 * The OpenAPI 3.1 document of the routes, from nothing but their declarations.
 *
 * @param missing gets the places for which an example had to be invented
 * @throws Error for a schema that cannot be documented, naming the route
 */
export function openApiDocument(
  routes: readonly RouteEntry[],
  version: string,
  missing: string[] = [],
): OpenApiDocument {
  const components = new Components();
  const parts: Parts = { components, examples: new Examples(components.schemas) };
  const error = components.render(ErrorBody, 'output');
  const paths: OpenApiDocument['paths'] = {};
  for (const route of [...routes].sort((a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : a.method < b.method ? -1 : 1,
  )) {
    try {
      (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route, parts);
    } catch (cause) {
      throw new Error(`${route.handler} (${route.method} ${route.path}): ${(cause as Error).message}`, { cause });
    }
  }
  mapDiscriminators(components.schemas);
  missing.push(...parts.examples.missing);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Flotilla',
      version,
      description: 'GPU fleets: what runs, what it costs, what stands idle. /api/v1 serves the same routes as /api.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: sorted(components.schemas),
      responses: Object.fromEntries(
        Object.entries(ERROR_TEXT).map(([status, description]) => [
          `Error${status}`,
          { description, content: { 'application/json': { schema: error } } },
        ]),
      ),
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From POST /api/auth/login' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'flt_live_…; also as Bearer' },
      },
    },
  };
}

interface Parts {
  readonly components: Components;
  readonly examples: Examples;
}

function operation(route: RouteEntry, parts: Parts): Operation {
  const spec = route.spec!;
  const body = route.arguments.find((argument) => argument.place === 'body')?.schema;
  const parameters = route.arguments.flatMap((argument) => parametersOf(argument, parts.components));
  if (route.method === 'POST' && spec.access !== 'public' && spec.idempotent !== false)
    parameters.push(IDEMPOTENCY_KEY);
  return {
    operationId: `${route.room}_${route.handler.split('.')[1]}${route.alias > 0 ? `_alias${route.alias}` : ''}`,
    tags: [route.room],
    summary: spec.summary,
    ...(spec.description && { description: spec.description }),
    security: spec.access === 'public' ? [] : [{ accessToken: [] }, { apiKey: [] }],
    'x-access': spec.access,
    ...(spec.scopes && { 'x-scopes': spec.scopes }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: requestBody(body, route, parts) }),
    responses: { [String(spec.status ?? 200)]: answer(route, parts), ...errorAnswers(route) },
  };
}

function requestBody(schema: NonNullable<RouteArgument['schema']>, route: RouteEntry, { components, examples }: Parts) {
  const rendered = components.render(schema, 'input');
  const example = route.spec!.requestExample ?? examples.of(rendered, `body of ${route.handler}`);
  const content = { 'application/json': { schema: rendered, example } };
  return { required: !schema.safeParse({}).success, content };
}

function answer({ spec, handler }: RouteEntry, { components, examples }: Parts): Operation['responses'][string] {
  const { wire, contentType } = spec!.response;
  const description = spec!.status === 202 ? 'Accepted' : spec!.status === 201 ? 'Created' : 'OK';
  if (!wire) return { description, content: { [contentType]: {} } };
  const schema = components.render(wire, 'output');
  const example = examples.of(schema, `answer of ${handler}`);
  return { description, headers: HEADERS, content: { [contentType]: { schema, example } } };
}

function errorAnswers({ spec, method, arguments: given }: RouteEntry) {
  const statuses = new Set([400, 429, 500, 503, ...(spec!.errors ?? [])]);
  if (spec!.access !== 'public') for (const status of [401, 403]) statuses.add(status);
  if (given.some((argument) => argument.place === 'body') || spec!.body === 'raw') statuses.add(413);
  if (method === 'POST' && spec!.access !== 'public' && spec!.idempotent !== false) statuses.add(409);
  const known = [...statuses].filter((status) => status in ERROR_TEXT).sort((a, b) => a - b);
  return Object.fromEntries(known.map((status) => [String(status), { $ref: `#/components/responses/Error${status}` }]));
}

function parametersOf(argument: RouteArgument, components: Components): JsonSchema[] {
  if (argument.place === 'body' || !argument.schema) return [];
  const where = argument.place;
  if (argument.name !== undefined)
    return [parameter(argument.name, where, components.render(argument.schema, 'input'), true)];
  const rendered = components.render(argument.schema, 'input');
  const target = rendered['properties'] ? rendered : components.schemas[String(rendered['$ref']).split('/').pop()!]!;
  if (!objectDef(argument.schema).shape || !target['properties'])
    throw new Error(`${where} parameters must be an object`);
  const required = new Set((target['required'] ?? []) as string[]);
  return Object.entries(target['properties'] as Record<string, JsonSchema>).map(([name, schema]) =>
    parameter(name, where, schema, where === 'path' || required.has(name)),
  );
}

function parameter(name: string, where: string, schema: JsonSchema, required: boolean): JsonSchema {
  const { description, examples, ...rest } = schema;
  const [example] = (examples as unknown[] | undefined) ?? [];
  return {
    name,
    in: where,
    required,
    ...(description !== undefined && { description }),
    schema: rest,
    ...(example !== undefined && { example }),
    ...(rest['type'] === 'array' && { style: 'form', explode: true }),
  };
}

/** Without a mapping, client generators take the component's name for the tag's value. */
function mapDiscriminators(schemas: Record<string, JsonSchema>): void {
  for (const schema of Object.values(schemas)) {
    const discriminator = schema['discriminator'] as
      { propertyName: string; mapping?: Record<string, string> } | undefined;
    if (!discriminator) continue;
    discriminator.mapping = Object.fromEntries(
      (schema['oneOf'] as { $ref: string }[]).flatMap(({ $ref }) => {
        const properties = schemas[$ref.split('/').pop()!]!['properties'] as Record<string, JsonSchema>;
        const tag = properties[discriminator.propertyName]!;
        return [tag['const'] ?? tag['enum']].flat().map((value) => [String(value), $ref]);
      }),
    );
  }
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const header = (description: string) => ({ description, schema: { type: 'integer' } });
const HEADERS = {
  'X-RateLimit-Limit': header('Requests allowed in the window'),
  'X-RateLimit-Remaining': header('Requests left in the window'),
  'X-RateLimit-Reset': header('When the window ends, Unix seconds'),
};
const IDEMPOTENCY_KEY: JsonSchema = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A repeat with the same key within 24 hours gets the first answer',
  schema: { type: 'string', maxLength: 255 },
};
