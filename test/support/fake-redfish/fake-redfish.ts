import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TestAuthority } from '../fake-control-plane/authority.js';

export type RedfishFault =
  | { readonly kind: 'error'; readonly status: number; readonly messageId?: string; readonly retryAfterS?: number }
  | { readonly kind: 'silence' | 'reset' | 'silence-after-effect' | 'reset-after-effect' };

export interface FakeRedfishOptions {
  readonly power?: 'On' | 'Off';
  readonly systems?: readonly string[];
  readonly resetTypes?: readonly string[];
  /** The allowed values stand in a document of their own. */
  readonly actionInfo?: boolean;
  /** A reset is answered 202 with a task. */
  readonly tasks?: 'complete' | 'fail';
  /** A reset needs If-Match with the newest ETag. */
  readonly wantsTag?: boolean;
  /** How long a change of power takes. */
  readonly changeMs?: number;
}

const MOST_SESSIONS = 4;
const ACTION = /^\/redfish\/v1\/Systems\/([^/]+)\/Actions\/ComputerSystem\.Reset$/;

/** A BMC on loopback: TLS with a certificate of its own, sessions, ETags, tasks, and a machine that takes its time. */
export class FakeRedfish {
  power: string;
  /** Changes of power that were really made: `GracefulShutdown`, `ForceOff`, `On`. */
  readonly effects: string[] = [];
  readonly calls: string[] = [];
  readonly sessions = new Map<string, string>();
  logins = 0;
  password = 'correct horse';
  /** The operating system does not listen to a shutdown. */
  deaf = false;
  /** Nobody but an administrator may reset. */
  forbidden = false;
  private tag = 1;
  private readonly faults: { match: RegExp; fault: RedfishFault }[] = [];

  private constructor(
    private readonly server: Server,
    readonly caPem: string,
    /** SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` prints it. */
    readonly fingerprint: string,
    private readonly options: FakeRedfishOptions,
  ) {
    this.power = options.power ?? 'On';
  }

  static async start(options: FakeRedfishOptions = {}): Promise<FakeRedfish> {
    const authority = await TestAuthority.create();
    const { chainPem, keyPem } = await authority.forServer('127.0.0.1');
    const der = new X509Certificate(chainPem).raw;
    const hex = createHash('sha256').update(der).digest('hex').toUpperCase();
    const server = createServer({ cert: chainPem, key: keyPem });
    const fake = new FakeRedfish(server, authority.caPem, (hex.match(/../g) ?? []).join(':'), options);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void fake.serve(request, response));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return fake;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next request whose `METHOD path` matches fares so. */
  fail(match: RegExp, ...faults: readonly RedfishFault[]): void {
    for (const fault of faults) this.faults.push({ match, fault });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const path = request.url ?? '/';
    const call = `${request.method} ${path}`;
    this.calls.push(call);
    const say = (status: number, body: object | null, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', 'odata-version': '4.0', ...headers });
      response.end(body === null ? '' : JSON.stringify(body));
    };
    const no = (status: number, messageId: string, headers: Record<string, string> = {}) => {
      const info = [{ MessageId: `Base.1.8.${messageId}`, Message: `The BMC says ${messageId}.` }];
      say(
        status,
        { error: { code: `Base.1.8.${messageId}`, message: 'See ExtendedInfo', '@Message.ExtendedInfo': info } },
        headers,
      );
    };
    const at = this.faults.findIndex(({ match }) => match.test(call));
    const fault = at < 0 ? undefined : this.faults.splice(at, 1)[0]?.fault;
    if (fault?.kind === 'reset') return void request.socket.destroy();
    if (fault?.kind === 'silence') return;
    if (fault?.kind === 'error') {
      const wait: Record<string, string> = fault.retryAfterS ? { 'retry-after': String(fault.retryAfterS) } : {};
      return no(fault.status, fault.messageId ?? 'InternalError', wait);
    }
    if (call === 'POST /redfish/v1/SessionService/Sessions') return this.login(JSON.parse(text) as never, say, no);
    if (!this.isKnown(request)) return no(401, 'NoValidSession');
    if (request.method === 'DELETE' && path.startsWith('/redfish/v1/SessionService/Sessions/')) {
      this.sessions.delete(path.split('/').at(-1) ?? '');
      return say(204, null);
    }
    const action = ACTION.exec(path);
    if (request.method === 'POST' && action) {
      if (this.forbidden) return no(403, 'InsufficientPrivilege');
      if (this.options.wantsTag && request.headers['if-match'] !== `"${this.tag}"`)
        return no(428, 'PreconditionRequired');
      const { ResetType: type = '' } = JSON.parse(text) as { ResetType?: string };
      if (!this.resetTypes.includes(type)) return no(400, 'ActionParameterNotSupported');
      this.reset(type);
      if (fault?.kind === 'silence-after-effect') return;
      if (fault?.kind === 'reset-after-effect') return void request.socket.destroy();
      if (!this.options.tasks) return say(204, null);
      return say(
        202,
        { '@odata.id': '/redfish/v1/TaskService/Tasks/1' },
        { location: '/redfish/v1/TaskService/TaskMonitors/1' },
      );
    }
    this.read(path, say, no);
  }

  private get resetTypes(): readonly string[] {
    return this.options.resetTypes ?? ['On', 'ForceOff', 'GracefulShutdown', 'GracefulRestart'];
  }

  private isKnown({ headers }: IncomingMessage): boolean {
    const basic = `Basic ${Buffer.from(`operator:${this.password}`).toString('base64')}`;
    return headers.authorization === basic || [...this.sessions.values()].includes(String(headers['x-auth-token']));
  }

  private login(
    body: { UserName?: string; Password?: string },
    say: (status: number, body: object, headers: Record<string, string>) => void,
    no: (status: number, messageId: string) => void,
  ): void {
    if (body.UserName !== 'operator' || body.Password !== this.password) return no(401, 'ResourceAtUriUnauthorized');
    if (this.sessions.size >= MOST_SESSIONS) return no(503, 'SessionLimitExceeded');
    this.logins += 1;
    const [id, token] = [String(this.logins), randomUUID()];
    this.sessions.set(id, token);
    say(201, { Id: id }, { 'x-auth-token': token, location: `${this.url}/redfish/v1/SessionService/Sessions/${id}` });
  }

  private read(
    path: string,
    say: (status: number, body: object, headers?: Record<string, string>) => void,
    no: (status: number, messageId: string) => void,
  ): void {
    const systems = this.options.systems ?? ['437XR1138R2'];
    if (path === '/redfish/v1/Systems') {
      return say(200, { Members: systems.map((id) => ({ '@odata.id': `/redfish/v1/Systems/${id}` })) });
    }
    if (path === '/redfish/v1/TaskService/TaskMonitors/1') {
      const failed = { TaskState: 'Exception', Messages: [{ Message: 'The chassis is locked.' }] };
      return say(200, this.options.tasks === 'fail' ? failed : { TaskState: 'Completed', Messages: [] });
    }
    if (path.endsWith('/ResetActionInfo')) {
      return say(200, { Parameters: [{ Name: 'ResetType', Required: true, AllowableValues: this.resetTypes }] });
    }
    const id = /^\/redfish\/v1\/Systems\/([^/]+)$/.exec(path)?.[1];
    if (id === undefined || !systems.includes(id)) return no(404, 'ResourceNotFound');
    const target = `/redfish/v1/Systems/${id}/Actions/ComputerSystem.Reset`;
    const values = this.options.actionInfo
      ? { '@Redfish.ActionInfo': `/redfish/v1/Systems/${id}/ResetActionInfo` }
      : { 'ResetType@Redfish.AllowableValues': this.resetTypes };
    const body = {
      '@odata.id': path,
      Model: 'XE9680',
      PowerState: this.power,
      Status: { State: 'Enabled', Health: 'OK' },
      Actions: { '#ComputerSystem.Reset': { target, ...values } },
    };
    say(200, body, { etag: `"${this.tag}"` });
  }

  private reset(type: string): void {
    const goal = type === 'On' ? 'On' : 'Off';
    if (this.power === goal || this.options.tasks === 'fail' || (type === 'GracefulShutdown' && this.deaf)) return;
    this.effects.push(type);
    setTimeout(() => {
      this.power = goal;
      this.tag += 1;
    }, this.options.changeMs ?? 50);
  }
}
