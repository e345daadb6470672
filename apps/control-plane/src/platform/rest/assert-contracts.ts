import type { RouteArgument, RouteEntry } from './route-table.js';

/**
 * Holds at boot what the compiler cannot: every handler has a Route, every input a schema.
 * `@Body(schema)` without `{ schema }` compiles, validates nothing and hands the handler a zod object.
 *
 * @throws Error that lists every fault
 */
export function assertContracts(routes: readonly RouteEntry[]): void {
  const faults = routes.flatMap((route) =>
    faultsOf(route).map((fault) => `${route.handler} (${route.method} ${route.path}): ${fault}`),
  );
  const seen = new Map<string, string>();
  for (const { method, path, handler } of routes) {
    const key = `${method} ${path.replace(/\{\w+\}/g, '{}')}`;
    if (seen.has(key)) faults.push(`${handler} (${key}): the same route as ${seen.get(key)}`);
    seen.set(key, handler);
  }
  if (faults.length > 0) throw new Error(`routes with faults:\n  ${[...new Set(faults)].join('\n  ')}`);
}

function faultsOf(route: RouteEntry): string[] {
  const faults = route.arguments.flatMap((argument) => argumentFaults(argument));
  if (!route.spec) return [...faults, 'no @Route: say who may call it and what it answers'];
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const named = new Set(route.arguments.filter((argument) => argument.place === 'path').flatMap(parameterNames));
  const unnamed = inPath.filter((name) => !named.has(name));
  if (unnamed.length > 0) faults.push(`path parameter ${unnamed.join(', ')} without a schema`);
  return faults;
}

function argumentFaults({ place, name, schema, index }: RouteArgument): string[] {
  if (!schema) return [`argument ${index} (${place}${name ? ` ${name}` : ''}) without { schema }`];
  if (place === 'path') return [];
  const { type, catchall, shape } = objectDef(schema);
  if (place === 'query') {
    if (name !== undefined) return [`argument ${index}: take the whole query, so that unknown parameters are refused`];
    if (type !== 'object' || !shape) return [`argument ${index}: a query must be a z.strictObject`];
  }
  if (type === 'object' && !catchall) {
    return [
      `argument ${index} (${place}): z.object drops unknown fields in silence; use z.strictObject, or z.looseObject where they are wanted`,
    ];
  }
  return [];
}

interface ObjectDef {
  readonly type: string;
  readonly catchall?: unknown;
  readonly shape?: Readonly<Record<string, unknown>>;
}

/** The definition under refinements, defaults and pipes. */
export function objectDef(schema: unknown): ObjectDef {
  const def = (schema as { _zod: { def: ObjectDef & { innerType?: unknown; in?: unknown; out?: unknown } } })._zod.def;
  if (def.innerType) return objectDef(def.innerType);
  if (def.type === 'pipe') {
    const isPreprocess = (def.in as { _zod: { def: { type: string } } })._zod.def.type === 'transform';
    return objectDef(isPreprocess ? def.out : def.in);
  }
  return def;
}

export function parameterNames(argument: RouteArgument): string[] {
  if (argument.name !== undefined) return [argument.name];
  return Object.keys(argument.schema ? (objectDef(argument.schema).shape ?? {}) : {});
}
