import type { components } from '@flotilla/api-client';

type Schemas = components['schemas'];
export type SessionUser = Schemas['SessionUser'];
type BrowserSession = Schemas['BrowserSession'];

/** undefined: not known yet; null: nobody is logged in. */
export type SessionState = SessionUser | null | undefined;

const PATH = '/api/auth/browser-session';
/** A page of another site cannot send this header without asking first. */
const HEADERS = { 'X-Flotilla-Console': '1' };
/** Says that this browser had a session when it was here last. Without it nobody asks for one that cannot be there. */
const HINT = 'flotilla.session';
/** An access token is exchanged this long before its end. */
const EARLY_MS = 30_000;

/** A refusal of the API, with its sentence. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly details?: Schemas['Error']['details'],
    /** By which the log of the control plane has it. */
    readonly requestId?: string,
  ) {
    super(message);
  }

  /** @param body what the API answered with; its own words are kept */
  static of(body: unknown, status = 0): ApiError {
    const { error, code, details, request_id: requestId } = (body ?? {}) as Partial<Schemas['Error']>;
    const silent = `The control plane refused without a reason${status ? ` (status ${status})` : ''}.`;
    return new ApiError(error ?? silent, code ?? 'UNKNOWN', details, requestId);
  }
}

/**
 * Who is logged in. The access token lives in this object only; the refresh token in a cookie that scripts cannot read,
 * so that a page that was loaded anew goes on, and a stolen script has nothing to take away.
 */
class BrowserSessions {
  private token: { readonly text: string; readonly endsAt: number } | undefined;
  private state: SessionState;
  private refreshing: Promise<string | undefined> | undefined;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  readonly user = (): SessionState => this.state;

  async login(body: { email: string; password: string; tenant_id?: string }): Promise<void> {
    this.begin(await post<BrowserSession>(PATH, body));
  }

  /** A token that is good for the next seconds; undefined: nobody is logged in. */
  accessToken(): Promise<string | undefined> {
    if (this.token && Date.now() < this.token.endsAt - EARLY_MS) return Promise.resolve(this.token.text);
    return this.renew();
  }

  /** A new token whatever the old one says: it was refused. One request for all who ask meanwhile, in all tabs. */
  renew(): Promise<string | undefined> {
    this.refreshing ??= this.exchange().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  async logout(): Promise<void> {
    const headers = { ...HEADERS, Authorization: `Bearer ${await this.accessToken()}` };
    await fetch(PATH, { method: 'DELETE', headers }).catch(() => undefined);
    this.set(null);
  }

  private async exchange(): Promise<string | undefined> {
    if (this.state === undefined && !hinted()) this.set(null);
    if (this.state === null) return undefined;
    try {
      const renewed = () => post<BrowserSession>(`${PATH}/refresh`);
      this.begin(await (navigator.locks ? navigator.locks.request('flotilla-session', renewed) : renewed()));
    } catch (error) {
      // a control plane that is away says nothing about the session
      if (!(error instanceof ApiError) || error.code !== 'AUTH_ERROR') throw error;
      this.set(null);
    }
    return this.token?.text;
  }

  private begin(session: BrowserSession): void {
    hint(true);
    this.token = { text: session.accessToken, endsAt: Date.now() + session.expiresIn * 1000 };
    this.set(session.user);
  }

  private set(user: SessionUser | null): void {
    if (user === null) {
      this.token = undefined;
      hint(false);
    }
    this.state = user;
    for (const listener of this.listeners) listener();
  }
}

// where a browser keeps nothing, it asks each time
function hinted(): boolean {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true;
  }
}

function hint(has: boolean): void {
  try {
    if (has) localStorage.setItem(HINT, '1');
    else localStorage.removeItem(HINT);
  } catch {
    // then there is no hint
  }
}

async function post<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { ...HEADERS, ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw ApiError.of(answer, response.status);
  return (answer as { data: T }).data;
}

export const sessions = new BrowserSessions();
