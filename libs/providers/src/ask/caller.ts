import { callHttp, HttpFailure } from '../http/index.js';
import type { HttpAnswer } from '../http/index.js';
import { passes, ProviderError } from './errors.js';

/** One question. A redirect is never followed: a key must not travel to where an answer points. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a caller takes from outside, so that tests turn the hands of its clock. */
export interface CallerOptions {
  /** Attempts for one question, the first one among them. */
  readonly attempts?: number;
  /** For one attempt, milliseconds. */
  readonly deadlineMs?: number;
  readonly maxBytes?: number;
  /** Unix milliseconds; AWS signs with it. */
  readonly nowMs?: () => number;
  /** 0 to 1. */
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** How a provider says that it refuses, which is different for each. */
export interface Dialect {
  /** Its name in sentences. */
  readonly name: string;
  /** What to do where it does not know the key, or where the key lacks a right: one sentence. */
  readonly keyAdvice: string;
  /** The provider's own code and sentence in the body of an error. */
  errorOf(body: unknown): { readonly code?: string | undefined; readonly message?: string | undefined };
  /** Codes that mean "later" although the HTTP status says otherwise (AWS: 400 with ThrottlingException). */
  readonly later?: ReadonlySet<string>;
  /** Codes that mean the key is refused although the HTTP status says otherwise. */
  readonly refused?: ReadonlySet<string>;
  /** Codes that mean that the key lacks a right although the HTTP status says otherwise. */
  readonly forbidden?: ReadonlySet<string>;
}

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;
/** A provider that asks for more patience than this is asked again on the next round, not within this one. */
const LONGEST_WAIT_MS = 120_000;
const MIB = 2 ** 20;

/** Asks an outside system, with patience: retries what passes by itself, and says what does not. */
export class Caller {
  readonly nowMs: () => number;
  readonly signal: AbortSignal | undefined;
  private readonly random: () => number;
  private readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;

  constructor(
    private readonly dialect: Dialect,
    private readonly options: CallerOptions = {},
  ) {
    this.nowMs = options.nowMs ?? Date.now;
    this.random = options.random ?? Math.random;
    this.sleep = options.sleep ?? pause;
    this.signal = options.signal;
  }

  /**
   * The JSON of a successful answer.
   *
   * @param make called for every attempt anew: a signature is only good for the moment it was made
   * @param check called with what was parsed; it throws a ProviderError `bad_answer` for what is no such answer
   * @throws ProviderError
   */
  async json<T>(make: () => HttpRequest | Promise<HttpRequest>, check: (body: unknown) => T): Promise<T> {
    const { attempts = 4, deadlineMs = 30_000, maxBytes = 16 * MIB, signal } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        const request = await make();
        const call = { ...request, headers: { accept: 'application/json', ...request.headers }, timeoutMs: deadlineMs };
        const answer = await callHttp({ ...call, ...(signal ? { signal } : {}) }, { maxAnswerBytes: maxBytes });
        return check(this.read(answer));
      } catch (caught) {
        const error = asProviderError(caught, this.dialect.name);
        const waitMs = this.waitOf(error, attempt);
        if (!passes(error) || attempt >= attempts || waitMs > LONGEST_WAIT_MS || signal?.aborted) throw error;
        await this.sleep(waitMs, signal);
      }
    }
  }

  /** Waits between two questions. @throws ProviderError `unreachable` when this process ends meanwhile */
  async pause(ms: number): Promise<void> {
    await this.sleep(ms, this.signal);
    if (this.signal?.aborted) throw new ProviderError('unreachable', 'given up, because this process ends');
  }

  private waitOf(error: unknown, attempt: number): number {
    const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
    const asked = error instanceof ProviderError ? (error.details.retryAfterMs ?? 0) : 0;
    // what was asked for, and a little more: all who were refused together must not come back together
    return asked + Math.max(50, Math.round(ceiling * this.random()));
  }

  private read(answer: HttpAnswer): unknown {
    const { name } = this.dialect;
    if (answer.status >= 200 && answer.status < 300) {
      try {
        return JSON.parse(answer.text) as unknown;
      } catch {
        // cut off on its way, or a proxy's page: both may be gone the next time
        throw new ProviderError('unavailable', `${name} answered with what is no JSON: ${start(answer.text)}`, {
          status: answer.status,
        });
      }
    }
    throw this.errorOf(answer);
  }

  private errorOf(answer: HttpAnswer): ProviderError {
    const { dialect } = this;
    const { status } = answer;
    const { code, message } = dialect.errorOf(parsed(answer.text));
    const retryAfterMs = retryAfter(answer.headers, this.nowMs());
    const details = {
      status,
      ...(code === undefined ? {} : { code }),
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    };
    const said = message ? `: ${message.slice(0, 300)}` : code ? `: ${code}` : '';
    if (code !== undefined && dialect.later?.has(code)) {
      return new ProviderError('rate_limited', `${dialect.name} asks for patience${said}`, details);
    }
    if (status === 401 || (code !== undefined && dialect.refused?.has(code))) {
      return new ProviderError('unauthorized', `${dialect.name} refuses the key${said}. ${dialect.keyAdvice}`, details);
    }
    if (status === 403 || (code !== undefined && dialect.forbidden?.has(code))) {
      return new ProviderError(
        'forbidden',
        `the key may not do this at ${dialect.name}${said}. ${dialect.keyAdvice}`,
        details,
      );
    }
    if (status === 429) return new ProviderError('rate_limited', `${dialect.name} asks for patience${said}`, details);
    if (status >= 500 || status === 408) {
      return new ProviderError('unavailable', `${dialect.name} answers with HTTP status ${status}${said}`, details);
    }
    return new ProviderError(
      'bad_request',
      `${dialect.name} refuses the question (HTTP status ${status})${said}`,
      details,
    );
  }
}

/**
 * How long the provider asks to be left alone, in milliseconds: Retry-After in seconds or as a date, or Azure's own
 * `x-ms-ratelimit-…-retry-after` headers (the longest of them). Null where it does not say.
 */
export function retryAfter(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  nowMs: number,
): number | null {
  const waits: number[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') continue;
    if (name !== 'retry-after' && !/^x-ms-ratelimit-.*retry-after$/.test(name)) continue;
    const seconds = Number(value);
    const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - nowMs;
    if (Number.isFinite(wait)) waits.push(Math.max(0, wait));
  }
  return waits.length === 0 ? null : Math.max(...waits);
}

/** Nothing here changes anything, so it does not matter whether the question arrived. */
function asProviderError(error: unknown, name: string): unknown {
  if (!(error instanceof HttpFailure)) return error;
  if (/larger than \d+ bytes$/.test(error.message)) {
    return new ProviderError('bad_answer', `${name} sent more than it may (${error.message}); ask for a shorter time`);
  }
  return new ProviderError('unreachable', `${name} cannot be reached: ${error.message}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

const start = (text: string) => JSON.stringify(text.slice(0, 80));

/** Waits; ends at once when `signal` is aborted. The timer keeps no process alive. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms).unref();
    signal?.addEventListener('abort', done);
    if (signal?.aborted) done();
  });
}
