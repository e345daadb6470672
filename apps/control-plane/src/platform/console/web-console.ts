import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** What `npm run build` leaves of apps/console, seen from this file's folder in the sources and compiled alike. */
const BUILT = join(import.meta.dirname, '../../../../console/dist/www');
/** Everything from this server, nothing inline, no plug-ins, in no frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};
/** What the API, the documents and the tools of this server are called; none of it is a screen. */
const NOT_SCREENS = /^\/(api|docs|agent|otlp|mcp|status|healthz|readyz|metrics|openapi\.json)(\/|$)/;

/**
 * The web console at `/`: its files, and for every other address that a browser asks a page of, the one page whose
 * script knows the screens. Without a built console, a redirect to the API's documents.
 */
export function webConsole(folder = BUILT): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const { path } = request;
    if (!['GET', 'HEAD'].includes(request.method) || NOT_SCREENS.test(path)) return next();
    const page = join(folder, 'index.html');
    if (!existsSync(page)) return path === '/' ? response.redirect('/docs') : next();
    const file = fileOf(folder, path);
    if (file) return sendFile(request, response, file, path.startsWith('/assets/'));
    if (extname(path) !== '' || !wantsPage(request)) return next();
    sendPage(request, response, page);
  };
}

/** `/` is the console for everyone; elsewhere a script that follows a wrong address gets the API's error, not a page. */
const wantsPage = (request: Request) => request.path === '/' || (request.headers.accept ?? '').includes('text/html');

function fileOf(folder: string, path: string): string | undefined {
  if (path === '/' || path === '/index.html' || path.includes('\0')) return undefined;
  const file = normalize(join(folder, path));
  return file.startsWith(`${folder}/`) && TYPES[extname(file)] && existsSync(file) && statSync(file).isFile()
    ? file
    : undefined;
}

function sendPage(request: Request, response: Response, page: string): void {
  response.setHeader('Content-Security-Policy', POLICY);
  response.setHeader('Referrer-Policy', 'same-origin');
  response.setHeader('Permissions-Policy', 'camera=(), microphone=(), geolocation=(), payment=()');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  // the page names its scripts by their content: an old page would ask for files that are gone
  response.setHeader('Cache-Control', 'no-cache');
  response.type('html').send(request.method === 'HEAD' ? '' : readFileSync(page, 'utf8'));
}

/** The build leaves a .br and .gz beside each file that is worth it. */
function sendFile(request: Request, response: Response, file: string, isImmutable: boolean): void {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const packed = (
    [
      ['br', '.br'],
      ['gzip', '.gz'],
    ] as const
  ).find(([name, ending]) => new RegExp(`(^|[ ,])${name}([ ,;]|$)`).test(accepted) && existsSync(file + ending));
  const source = packed ? file + packed[1] : file;
  response.setHeader('Content-Type', TYPES[extname(file)]!);
  response.setHeader('Vary', 'Accept-Encoding');
  response.setHeader('Cache-Control', isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('Content-Length', statSync(source).size);
  if (packed) response.setHeader('Content-Encoding', packed[0]);
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(source)
      .on('error', (error) => response.destroy(error))
      .pipe(response);
}
