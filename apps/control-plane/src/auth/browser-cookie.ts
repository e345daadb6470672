import type { Request, Response } from 'express';
import { AppError } from '../platform/index.js';

/** Only the routes of browser sessions ever see the cookie. */
export const COOKIE_PATH = '/api/auth/browser-session';
const NAME = 'flotilla_session';
/** A page of another site can make a browser send the cookie, but not this header without asking first (CORS). */
const HEADER = 'x-flotilla-console';
const LIFE_DAYS = 14;

/** @throws AppError FORBIDDEN for a request that a page of another site could have caused */
export function assertFromConsole(request: Request): void {
  if (request.headers[HEADER] === undefined) {
    throw new AppError(
      'FORBIDDEN',
      'Browser sessions are for the web console: send the header X-Flotilla-Console, or log in at POST /api/auth/login.',
    );
  }
}

/** The refresh token of the cookie; undefined without one. */
export function readCookie(request: Request): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === NAME) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** Browsers drop a Secure cookie that came without TLS, so it is Secure exactly where the request was. */
export function setCookie(request: Request, response: Response, refreshToken: string): void {
  response.cookie(NAME, refreshToken, { ...attributes(request), maxAge: LIFE_DAYS * 86_400_000 });
}

export function clearCookie(request: Request, response: Response): void {
  response.clearCookie(NAME, attributes(request));
}

const attributes = (request: Request) =>
  ({ httpOnly: true, sameSite: 'strict', secure: request.secure, path: COOKIE_PATH }) as const;
