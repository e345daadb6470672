import { Injectable } from '@nestjs/common';
import { AppError } from '../errors/app-error.js';
import type { FlotillaRequest } from './actor.js';
import type { RouteEntry } from './route-table.js';

/** Tells a caller who asked for something that is not there what is. */
@Injectable()
export class KnownRoutes {
  private routes: { readonly method: string; readonly pattern: RegExp }[] = [];

  set(routes: readonly RouteEntry[]): void {
    this.routes = routes.map(({ method, path }) => ({
      method,
      pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`),
    }));
  }

  /** The methods of a path, sorted; none for an unknown path. */
  methodsOf(path: string): string[] {
    const found = new Set(this.routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
    if (found.has('GET')) found.add('HEAD');
    return [...found].sort();
  }

  unknown(request: FlotillaRequest): AppError {
    const methods = this.methodsOf(request.path);
    const path = request.path.slice(0, 300);
    if (methods.length === 0) {
      return new AppError('NOT_FOUND', `There is no ${path}. The routes are listed at /docs.`, {
        field: 'path',
        value: path,
      });
    }
    return new AppError('NOT_FOUND', `There is no ${request.method} ${path}; this path knows ${methods.join(', ')}.`, {
      field: 'method',
      value: request.method,
      expected: methods,
    });
  }
}
