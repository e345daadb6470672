import { backoffMs, callHttp, HttpFailure, realPatience, retryAfterMs } from '../http/index.js';
import type { HttpAnswer, HttpCall, Patience, TlsTrust } from '../http/index.js';
import { readRedfishError, RedfishError } from './redfish-error.js';

export interface RedfishOptions {
  /** Of the BMC, without a path. */
  readonly url: URL;
  readonly tls: TlsTrust;
  readonly user: string;
  /** Asked for at each login, so that a file with a new password is enough. */
  readonly password: () => string;
  /** `session`: one login, one token (what BMCs want); `basic`: the password with each request. */
  readonly auth: 'session' | 'basic';
  /** Path of the ComputerSystem; absent: the only one that the BMC has. */
  readonly system?: string;
  readonly nowMs: () => number;
  readonly patience?: Patience;
  /** For one request; default 30 s: BMCs are slow. */
  readonly timeoutMs?: number;
}

export type PowerState = 'On' | 'Off' | 'PoweringOn' | 'PoweringOff' | 'Paused' | 'Unknown';
export type ResetType = 'On' | 'ForceOn' | 'GracefulShutdown' | 'ForceOff';

export interface ComputerSystem {
  readonly path: string;
  readonly power: PowerState;
  readonly model: string | null;
  readonly health: string | null;
  readonly etag: string | null;
  /** Where a reset is asked for; null: it cannot be. */
  readonly resetPath: string | null;
  /** null: the BMC does not say which it knows. */
  readonly resetTypes: readonly string[] | null;
}

/** How a task that the BMC made of a request stands. */
export interface RedfishTask {
  readonly state: 'running' | 'done' | 'failed';
  readonly said: string;
}

type Json = Readonly<Record<string, unknown>>;
const POWER: readonly string[] = ['On', 'Off', 'PoweringOn', 'PoweringOff', 'Paused'];
const BACKOFF = { firstMs: 1_000, maxMs: 10_000, tries: 4 };
/** BMCs have few sessions: an unused one is given back. */
const SESSION_IDLE_MS = 60_000;

/** The part of Redfish that switches a machine on and off. */
export class RedfishClient {
  private readonly patience: Patience;
  private session: { token: string; path: string | null } | null = null;
  private logout: NodeJS.Timeout | null = null;

  constructor(private readonly options: RedfishOptions) {
    this.patience = options.patience ?? realPatience;
  }

  /** @throws RedfishError, HttpFailure */
  async system(signal?: AbortSignal): Promise<ComputerSystem> {
    const path = this.options.system ?? (await this.onlySystem(signal));
    const { body, headers } = await this.get(path, signal);
    const reset = objectOf(objectOf(body['Actions'])?.['#ComputerSystem.Reset']);
    const power = textOf(body['PowerState']) ?? '';
    return {
      path,
      power: POWER.includes(power) ? (power as PowerState) : 'Unknown',
      model: textOf(body['Model']),
      health: textOf(objectOf(body['Status'])?.['Health']),
      etag: textOf(headers.etag) ?? textOf(body['@odata.etag']),
      resetPath: textOf(reset?.['target']),
      resetTypes: await this.resetTypes(reset, signal),
    };
  }

  /**
   * Asks once. With a task, the BMC has only begun.
   *
   * @throws RedfishError: nothing was done (below 500); HttpFailure says whether it may have arrived
   */
  async reset(
    system: ComputerSystem,
    type: ResetType,
    signal?: AbortSignal,
  ): Promise<{ readonly task: string | null }> {
    if (system.resetPath === null) throw new RedfishError(405, '', 'this system has no Reset action', 0);
    const call = { method: 'POST' as const, path: system.resetPath, body: { ResetType: type }, changes: true, signal };
    let answer: HttpAnswer;
    try {
      answer = await this.call(call);
    } catch (error) {
      // some want to know which version was looked at, and do nothing without
      const wantsTag = error instanceof RedfishError && (error.status === 428 || error.status === 412);
      if (!wantsTag || system.etag === null) throw error;
      const { etag } = await this.system(signal);
      answer = await this.call({ ...call, etag: etag ?? system.etag });
    }
    if (answer.status !== 202) return { task: null };
    return { task: pathOf(answer.headers.location) ?? textOf(bodyOf(answer)['@odata.id']) };
  }

  async task(path: string, signal?: AbortSignal): Promise<RedfishTask> {
    const answer = await this.call({ method: 'GET', path, changes: false, signal });
    const body = bodyOf(answer);
    const state = textOf(body['TaskState']);
    const messages = Array.isArray(body['Messages']) ? (body['Messages'] as readonly unknown[]).map(objectOf) : [];
    const said = messages
      .map((one) => textOf(one?.['Message']))
      .filter(Boolean)
      .join('; ');
    if (state === 'Exception' || state === 'Killed' || state === 'Cancelled') {
      return { state: 'failed', said: `the BMC's task ended as ${state}${said ? `: ${said}` : ''}` };
    }
    // a task monitor answers 202 until it has ended
    const running = answer.status === 202 && state !== 'Completed';
    return { state: running ? 'running' : 'done', said: said || (state ?? 'done') };
  }

  /** Gives the session back; the next request makes another. */
  async close(): Promise<void> {
    if (this.logout) clearTimeout(this.logout);
    const { session } = this;
    this.session = null;
    if (!session?.path) return;
    await this.send({ method: 'DELETE', path: session.path, changes: true }, { 'x-auth-token': session.token }).catch(
      // it ends by itself after a while
      () => undefined,
    );
  }

  private async onlySystem(signal?: AbortSignal): Promise<string> {
    const { body } = await this.get('/redfish/v1/Systems', signal);
    const members = Array.isArray(body['Members']) ? (body['Members'] as readonly unknown[]) : [];
    const paths = members.flatMap((one) => textOf(objectOf(one)?.['@odata.id']) ?? []);
    const [first] = paths;
    if (first !== undefined && paths.length === 1) return first;
    throw new Error(
      paths.length === 0
        ? 'the BMC has no ComputerSystem'
        : `the BMC has several systems (${paths.join(', ')}): configure which one is meant`,
    );
  }

  private async resetTypes(reset: Json | undefined, signal?: AbortSignal): Promise<readonly string[] | null> {
    const told = textsOf(reset?.['ResetType@Redfish.AllowableValues']);
    if (told) return told;
    const info = textOf(reset?.['@Redfish.ActionInfo']);
    if (info === null) return null;
    const { body } = await this.get(info, signal);
    const parameters = Array.isArray(body['Parameters'])
      ? (body['Parameters'] as readonly unknown[]).map(objectOf)
      : [];
    return textsOf(parameters.find((one) => one?.['Name'] === 'ResetType')?.['AllowableValues']);
  }

  private async get(path: string, signal?: AbortSignal) {
    const answer = await this.call({ method: 'GET', path, changes: false, signal });
    return { body: bodyOf(answer), headers: answer.headers };
  }

  private async call(call: Call): Promise<HttpAnswer> {
    let loggedInAgain = false;
    for (let n = 1; ; n++) {
      let problem: RedfishError | HttpFailure;
      try {
        const answer = await this.send(call, await this.credentials(call.signal));
        if (answer.status >= 200 && answer.status < 300) return answer;
        const wait = retryAfterMs(answer.headers['retry-after'], this.options.nowMs());
        problem = readRedfishError(answer.status, answer.text, wait);
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        problem = error;
      }
      if (problem instanceof RedfishError && problem.status === 401 && this.session && !loggedInAgain) {
        // the session ended; the request was not let in
        loggedInAgain = true;
        this.session = null;
        continue;
      }
      const harmless =
        problem instanceof HttpFailure
          ? !problem.isUntrusted && (!call.changes || !problem.mayHaveArrived)
          : problem.status === 503 || problem.status === 429 || (!call.changes && problem.status >= 500);
      if (!harmless || n >= BACKOFF.tries || call.signal?.aborted) throw problem;
      const asked = problem instanceof RedfishError ? problem.retryAfterMs : 0;
      await this.patience.pause(backoffMs(BACKOFF, n, this.patience.random(), asked), call.signal);
    }
  }

  private async credentials(signal?: AbortSignal): Promise<Record<string, string>> {
    const { auth, user, password } = this.options;
    if (auth === 'basic') {
      return { authorization: `Basic ${Buffer.from(`${user}:${password()}`).toString('base64')}` };
    }
    if (this.session === null) {
      const body = { UserName: user, Password: password() };
      const path = '/redfish/v1/SessionService/Sessions';
      const answer = await this.send({ method: 'POST', path, body, changes: true, signal }, {});
      const token = textOf(answer.headers['x-auth-token']);
      if (answer.status >= 300 || token === null) {
        const { message } = readRedfishError(answer.status, answer.text, 0);
        throw new RedfishError(
          answer.status >= 300 ? answer.status : 401,
          '',
          `the BMC did not let ${user} in: ${message}`,
          0,
        );
      }
      this.session = { token, path: pathOf(answer.headers.location) };
    }
    this.logout?.refresh();
    this.logout ??= setTimeout(() => {
      this.logout = null;
      void this.close();
    }, SESSION_IDLE_MS).unref();
    return { 'x-auth-token': this.session.token };
  }

  private send(call: Call, credentials: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    const { url, tls, timeoutMs } = this.options;
    return callHttp(
      {
        method: call.method,
        url: new URL(call.path, url),
        headers: {
          accept: 'application/json',
          'odata-version': '4.0',
          ...credentials,
          ...(call.etag ? { 'if-match': call.etag } : {}),
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        timeoutMs: timeoutMs ?? 30_000,
        ...(call.signal ? { signal: call.signal } : {}),
      },
      { tls },
    );
  }
}

interface Call {
  readonly method: HttpCall['method'];
  readonly path: string;
  readonly body?: unknown;
  /** Not sent again when nobody knows what became of it. */
  readonly changes: boolean;
  readonly etag?: string;
  readonly signal?: AbortSignal | undefined;
}

function bodyOf({ text }: HttpAnswer): Json {
  if (text.trim() === '') return {};
  return objectOf(JSON.parse(text)) ?? {};
}

/** Of an address that the BMC gave: the path alone, so that no credentials follow it elsewhere. */
function pathOf(location: string | undefined): string | null {
  if (!location || !URL.canParse(location, 'https://bmc')) return null;
  const { pathname, search } = new URL(location, 'https://bmc');
  return pathname + search;
}

const objectOf = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const textsOf = (value: unknown): readonly string[] | null =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : null;
