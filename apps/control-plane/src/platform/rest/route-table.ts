import { RequestMethod } from '@nestjs/common';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { METHOD_METADATA, MODULE_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { z } from 'zod';
import { routeOf } from './route.js';
import type { RouteSpec } from './route.js';

/** One parameter of a handler, as its decorator described it. */
export interface RouteArgument {
  readonly place: 'body' | 'query' | 'path';
  /** The parameter's name where the decorator takes one value out; undefined where it takes all. */
  readonly name: string | undefined;
  readonly schema: z.ZodType | undefined;
  readonly index: number;
}

export interface RouteEntry {
  readonly method: string;
  /** As OpenAPI writes it: `/api/instances/{id}`. */
  readonly path: string;
  /** `InstancesController.findAll` */
  readonly handler: string;
  /** 0, or the number of this further address of the same handler. */
  readonly alias: number;
  readonly room: string;
  readonly spec: RouteSpec | undefined;
  readonly arguments: readonly RouteArgument[];
}

/** Paths outside /api. */
export const OUTSIDE_API = [
  'status',
  'healthz',
  'readyz',
  'metrics',
  'docs',
  'docs/*path',
  'agent/*path',
  'mcp',
  'mcp/*path',
];

const PLACES: Readonly<Record<string, RouteArgument['place']>> = { '3': 'body', '4': 'query', '5': 'path' };

/** Every route of the running application. */
export function routeTable(app: INestApplicationContext): RouteEntry[] {
  const wrappers = app.get(DiscoveryService, { strict: false }).getControllers();
  return routesOf(wrappers.flatMap(({ metatype }) => (metatype ? [metatype as Type] : [])));
}

/** The controllers of modules and of what they import, without starting anything. */
export function controllersOf(modules: readonly unknown[], seen = new Set<unknown>()): Type[] {
  return modules.flatMap((given) => {
    const {
      module,
      controllers = [],
      imports = [],
    } = (typeof given === 'function' ? { module: given } : given) as DynamicModule;
    if (seen.has(module)) return [];
    seen.add(module);
    const declared = (Reflect.getMetadata(MODULE_METADATA.CONTROLLERS, module) ?? []) as Type[];
    const imported = (Reflect.getMetadata(MODULE_METADATA.IMPORTS, module) ?? []) as unknown[];
    return [...declared, ...controllers, ...controllersOf([...imported, ...imports], seen)];
  });
}

/** Every route of these controllers, from the decorators: what the boot check, the document and the tests read. */
export function routesOf(controllers: readonly Type[]): RouteEntry[] {
  const scanner = new MetadataScanner();
  const entries: RouteEntry[] = [];
  for (const metatype of controllers) {
    const { name } = metatype;
    const prototype = metatype.prototype as object;
    const bases = texts(Reflect.getMetadata(PATH_METADATA, metatype));
    for (const key of scanner.getAllMethodNames(prototype)) {
      const handler = (prototype as Record<string, object>)[key]!;
      const paths = Reflect.getMetadata(PATH_METADATA, handler) as string | string[] | undefined;
      if (paths === undefined) continue;
      const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? 'GET';
      const given = (Reflect.getMetadata(ROUTE_ARGS_METADATA, metatype, key) ?? {}) as Record<string, RawArgument>;
      for (const [alias, base] of bases.entries()) {
        for (const [further, path] of texts(paths).entries()) {
          entries.push({
            method,
            path: fullPath(base, path),
            handler: `${name}.${key}`,
            alias: alias * texts(paths).length + further,
            room: name.replace(/Controller$/, ''),
            spec: routeOf(handler),
            arguments: Object.entries(given).flatMap(([id, argument]) => toArgument(id, argument)),
          });
        }
      }
    }
  }
  return entries;
}

interface RawArgument {
  readonly index: number;
  readonly data?: unknown;
  readonly schema?: z.ZodType;
}

function toArgument(id: string, argument: RawArgument): RouteArgument[] {
  const place = PLACES[id.split(':')[0]!];
  if (!place) return [];
  const name = typeof argument.data === 'string' ? argument.data : undefined;
  return [{ place, name, schema: argument.schema, index: argument.index }];
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value ?? '']) as string[];
}

function fullPath(base: string, path: string): string {
  const joined = [base, path].join('/').split('/').filter(Boolean).join('/');
  const isOutside = OUTSIDE_API.some(
    (outside) => joined === outside || (outside.endsWith('/*path') && joined.startsWith(outside.slice(0, -5))),
  );
  return `${isOutside ? '' : '/api'}/${joined}`
    .replace(/:(\w+)/g, '{$1}')
    .replace(/\*(\w+)/g, '{$1}')
    .replace(/(.)\/$/, '$1');
}
