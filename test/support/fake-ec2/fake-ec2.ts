import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyAwsSignature } from '../aws-signature.js';
import type { KnownKey } from '../aws-signature.js';
import { Machine } from './machine.js';
import type { MachineOptions, State } from './machine.js';
import { answerXml, errorXml, reservationXml, stateXml } from './xml.js';

/** What goes wrong, once: the next request of that action. */
export type Ec2Fault =
  | { readonly kind: 'error'; readonly code: string; readonly message?: string; readonly status: number }
  /** The change happens, and the answer never comes (the client's time-out) or the connection breaks. */
  | { readonly kind: 'silence-after-effect' | 'reset-after-effect' | 'silence' | 'reset' }
  /** A proxy's page. */
  | { readonly kind: 'page'; readonly status: number };

export interface Ec2Effect {
  readonly instanceId: string;
  readonly verb: 'stop' | 'start';
  /** Whether the state changed: a Stop of what is stopped does nothing. */
  readonly changed: boolean;
}

export interface FakeEc2Options {
  readonly region?: string;
  readonly account?: string;
  readonly keys?: Readonly<Record<string, KnownKey>>;
  /** Actions that the policy of the keys does not allow. */
  readonly denied?: readonly string[];
  /** The server's clock less the real one. */
  readonly clockOffsetMs?: number;
}

/** Local disks of some types, GB. */
const LOCAL_GB: Readonly<Record<string, number>> = { 'p5.48xlarge': 30_400, 'p4d.24xlarge': 8_000, 'g5.xlarge': 250 };

/** EC2 on loopback: the Query API with its XML, its errors, its signatures (checked) and its delays. */
export class FakeEc2 {
  readonly machines = new Map<string, Machine>();
  /** Every change that was asked for and taken, in order. */
  readonly effects: Ec2Effect[] = [];
  /** Actions as they came in, with `(dry)`. */
  readonly calls: string[] = [];
  denied: Set<string>;
  keys: Record<string, KnownKey>;
  /** Says yes to every change and makes none. */
  numb = false;
  private readonly faults = new Map<string, Ec2Fault[]>();
  private stale: { state: Map<string, State>; answers: number } | null = null;

  private constructor(
    private readonly server: Server,
    private readonly options: FakeEc2Options,
  ) {
    this.denied = new Set(options.denied ?? []);
    this.keys = { ...(options.keys ?? { AKIDEXAMPLE: { secretAccessKey: 'secret-of-the-example' } }) };
  }

  static async start(options: FakeEc2Options = {}): Promise<FakeEc2> {
    const server = createServer();
    const fake = new FakeEc2(server, options);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void fake.serve(request, response));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return fake;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`);
  }

  get region(): string {
    return this.options.region ?? 'eu-central-1';
  }

  get account(): string {
    return this.options.account ?? '123456789012';
  }

  add(options: MachineOptions): Machine {
    const machine = new Machine(options, Date.now);
    this.machines.set(options.id, machine);
    return machine;
  }

  /** The next requests of that action fare so, one each. */
  fail(action: string, ...faults: readonly Ec2Fault[]): void {
    this.faults.set(action, [...(this.faults.get(action) ?? []), ...faults]);
  }

  /** Eventual consistency: the next `answers` DescribeInstances show the states of now. */
  lag(answers: number): void {
    this.stale = { state: new Map([...this.machines].map(([id, machine]) => [id, machine.settle()])), answers };
  }

  /** State changes that an action really made. */
  transitions(instanceId: string, verb: 'stop' | 'start'): number {
    return this.effects.filter((e) => e.instanceId === instanceId && e.verb === verb && e.changed).length;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const nowMs = Date.now() + (this.options.clockOffsetMs ?? 0);
    response.sendDate = false;
    response.setHeader('date', new Date(nowMs).toUTCString());
    response.setHeader('content-type', 'text/xml;charset=UTF-8');
    const say = (status: number, text: string) => void response.writeHead(status).end(text);
    const signed = { method: request.method ?? '', target: request.url ?? '/', headers: request.headers, body };
    const verdict = verifyAwsSignature(signed, { service: 'ec2', region: this.region, keys: this.keys, nowMs });
    if ('code' in verdict)
      return say(verdict.code === 'RequestExpired' ? 400 : 401, errorXml(verdict.code, verdict.message));
    const form = new URLSearchParams(body);
    const action = form.get('Action') ?? '';
    this.calls.push(form.get('DryRun') === 'true' ? `${action}(dry)` : action);
    const fault = this.faults.get(action)?.shift();
    if (fault?.kind === 'error') return say(fault.status, errorXml(fault.code, fault.message ?? fault.code));
    if (fault?.kind === 'page') return say(fault.status, '<html><body>Bad Gateway</body></html>');
    if (fault?.kind === 'reset') return void request.socket.destroy();
    if (fault?.kind === 'silence') return;
    const { status, text } = this.answer(action, form);
    if (fault?.kind === 'silence-after-effect') return;
    if (fault?.kind === 'reset-after-effect') return void request.socket.destroy();
    say(status, text);
  }

  private answer(action: string, form: URLSearchParams): { status: number; text: string } {
    const no = (code: string, message: string, status = 400) => ({ status, text: errorXml(code, message) });
    if (this.denied.has(action)) {
      return no(
        'UnauthorizedOperation',
        `You are not authorized to perform this operation. User: arn:aws:iam::${this.account}:user/flotilla is not authorized to perform: ec2:${action}`,
        403,
      );
    }
    switch (action) {
      case 'DescribeInstances':
        return this.describe(form);
      case 'StopInstances':
      case 'StartInstances':
        return this.change(action === 'StopInstances' ? 'stop' : 'start', action, form);
      case 'DescribeInstanceTypes': {
        const type = form.get('InstanceType.1') ?? '';
        const gb = LOCAL_GB[type];
        const storage =
          gb === undefined ? '' : `<instanceStorageInfo><totalSizeInGB>${gb}</totalSizeInGB></instanceStorageInfo>`;
        return {
          status: 200,
          text: answerXml(
            action,
            `<instanceTypeSet><item><instanceType>${type}</instanceType><instanceStorageSupported>${gb !== undefined}</instanceStorageSupported>${storage}</item></instanceTypeSet>`,
          ),
        };
      }
      case 'DescribeSpotInstanceRequests': {
        const id = form.get('SpotInstanceRequestId.1');
        const spot = [...this.machines.values()].find((m) => m.options.spotRequest?.id === id)?.options.spotRequest;
        if (!spot)
          return no('InvalidSpotInstanceRequestID.NotFound', `The spot instance request ID '${id}' does not exist`);
        return {
          status: 200,
          text: answerXml(
            action,
            `<spotInstanceRequestSet><item><spotInstanceRequestId>${spot.id}</spotInstanceRequestId><type>${spot.type}</type></item></spotInstanceRequestSet>`,
          ),
        };
      }
      default:
        return no('InvalidAction', `The action ${action} is not valid for this web service.`);
    }
  }

  private describe(form: URLSearchParams): { status: number; text: string } {
    const id = form.get('InstanceId.1');
    const known = id === null ? [...this.machines.values()] : [this.machines.get(id)];
    if (id !== null && known[0] === undefined) {
      return { status: 400, text: errorXml('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`) };
    }
    const stale = this.stale && this.stale.answers-- > 0 ? this.stale.state : null;
    const items = known.flatMap((machine) =>
      machine
        ? [reservationXml(machine, stale?.get(machine.options.id) ?? machine.settle(), this.account, this.region)]
        : [],
    );
    return { status: 200, text: answerXml('DescribeInstances', `<reservationSet>${items.join('')}</reservationSet>`) };
  }

  private change(verb: 'stop' | 'start', action: string, form: URLSearchParams): { status: number; text: string } {
    const no = (code: string, message: string, status = 400) => ({ status, text: errorXml(code, message) });
    const id = form.get('InstanceId.1') ?? '';
    const machine = this.machines.get(id);
    if (!machine) return no('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
    if (form.get('DryRun') === 'true') {
      return no('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
    }
    if (verb === 'stop' && machine.options.stopProtected) {
      return no(
        'OperationNotPermitted',
        `The instance '${id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
      );
    }
    const before = machine.settle();
    if (this.numb) {
      const states = stateXml('currentState', before) + stateXml('previousState', before);
      const item = `<item><instanceId>${id}</instanceId>${states}</item>`;
      return { status: 200, text: answerXml(action, `<instancesSet>${item}</instancesSet>`) };
    }
    const changed = machine.ask(verb);
    if (changed === 'IncorrectInstanceState') {
      return no(
        changed,
        `The instance '${id}' is not in a state from which it can be ${verb === 'stop' ? 'stopped' : 'started'}.`,
      );
    }
    this.effects.push({ instanceId: id, verb, changed });
    const states = stateXml('currentState', machine.state) + stateXml('previousState', before);
    const item = `<item><instanceId>${id}</instanceId>${states}</item>`;
    return { status: 200, text: answerXml(action, `<instancesSet>${item}</instancesSet>`) };
  }
}
