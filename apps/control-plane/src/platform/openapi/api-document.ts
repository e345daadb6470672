import { Injectable } from '@nestjs/common';
import type { RouteEntry } from '../rest/route-table.js';
import { VERSION } from '../version.js';
import { openApiDocument } from './document.js';

/** The OpenAPI document of this process, made once. */
@Injectable()
export class ApiDocument {
  private text: string | undefined;
  private routes: readonly RouteEntry[] = [];

  setRoutes(routes: readonly RouteEntry[]): void {
    this.routes = routes;
    this.text = undefined;
  }

  /** First parts of the paths under /api. */
  resources(): string[] {
    return [...new Set(this.routes.map(({ path }) => path.split('/')[2]).filter((part) => part !== undefined))].sort();
  }

  /** @throws Error for a route that cannot be documented: a test holds that there is none */
  json(): string {
    this.text ??= JSON.stringify(openApiDocument(this.routes, VERSION));
    return this.text;
  }
}
