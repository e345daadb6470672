import { signAwsRequest } from '../aws/index.js';
import type { AwsCredentialSource } from '../aws/index.js';
import { backoffMs, callHttp, HttpFailure, realPatience } from '../http/index.js';
import type { HttpAnswer, HttpOptions, Patience } from '../http/index.js';
import { areKeysExpired, isClockWrong, isThrottled, isUncertain } from './ec2-error.js';
import type { Ec2Error } from './ec2-error.js';
import { readInstance } from './ec2-instance.js';
import type { Ec2Instance, Ec2StateChange } from './ec2-instance.js';
import { itemsOf, readError, readXml, textOf } from './ec2-xml.js';
import type { Xml } from './ec2-xml.js';

export interface Ec2Options {
  readonly region: string;
  readonly credentials: AwsCredentialSource;
  /** Instead of the public address of the region: a VPC endpoint. */
  readonly endpoint?: URL;
  readonly nowMs: () => number;
  readonly http?: HttpOptions;
  readonly patience?: Patience;
  /** For one request; default 15 s. */
  readonly timeoutMs?: number;
}

interface Call {
  readonly action: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** A change is sent again only when it is known that the first one did nothing. */
  readonly changes: boolean;
  readonly signal?: AbortSignal | undefined;
}

const VERSION = '2016-11-15';
const BACKOFF = { firstMs: 500, maxMs: 10_000, tries: 6 };

/** The part of the EC2 Query API that starts, stops and looks. */
export class Ec2Client {
  private readonly endpoint: URL;
  private readonly patience: Patience;
  /** EC2's clock less ours. */
  private offsetMs = 0;

  constructor(private readonly options: Ec2Options) {
    const domain = options.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    this.endpoint = options.endpoint ?? new URL(`https://ec2.${options.region}.${domain}/`);
    this.patience = options.patience ?? realPatience;
  }

  /** The instance, or null when this account has none of that id here. @throws Ec2Error, HttpFailure, AwsCredentialsError */
  async instance(id: string, signal?: AbortSignal): Promise<Ec2Instance | null> {
    try {
      const parameters = { 'InstanceId.1': id };
      const root = await this.call({ action: 'DescribeInstances', parameters, changes: false, signal });
      for (const reservation of itemsOf(root, 'reservationSet')) {
        for (const item of itemsOf(reservation, 'instancesSet')) {
          const found = readInstance(item, textOf(reservation, 'ownerId'));
          if (found?.id === id) return found;
        }
      }
      return null;
    } catch (error) {
      const { code } = error as Ec2Error;
      if (code === 'InvalidInstanceID.NotFound' || code === 'InvalidInstanceID.Malformed') return null;
      throw error;
    }
  }

  stop(id: string, signal?: AbortSignal): Promise<Ec2StateChange> {
    return this.change('StopInstances', id, signal);
  }

  start(id: string, signal?: AbortSignal): Promise<Ec2StateChange> {
    return this.change('StartInstances', id, signal);
  }

  /** Whether these credentials may do it: EC2 checks, and does nothing. */
  async mayChange(
    verb: 'start' | 'stop',
    id: string,
    signal?: AbortSignal,
  ): Promise<{ allowed: boolean; said: string }> {
    const action = verb === 'stop' ? 'StopInstances' : 'StartInstances';
    try {
      await this.call({ action, parameters: { 'InstanceId.1': id, DryRun: 'true' }, changes: false, signal });
      return { allowed: true, said: `${action} with DryRun was taken` };
    } catch (error) {
      const { code, message } = error as Ec2Error;
      if (code === 'DryRunOperation') return { allowed: true, said: message };
      if (code === 'UnauthorizedOperation') return { allowed: false, said: message };
      throw error;
    }
  }

  /** Local disks of an instance type, whose content is lost when it stops; null: these credentials may not ask. */
  async localStorageGb(instanceType: string, signal?: AbortSignal): Promise<number | null> {
    try {
      const root = await this.call({
        action: 'DescribeInstanceTypes',
        parameters: { 'InstanceType.1': instanceType },
        changes: false,
        signal,
      });
      const [type] = itemsOf(root, 'instanceTypeSet');
      if (type === undefined || textOf(type, 'instanceStorageSupported') === null) return null;
      return Number(textOf(type, 'instanceStorageInfo', 'totalSizeInGB') ?? 0);
    } catch (error) {
      if ((error as Ec2Error).code === 'UnauthorizedOperation') return null;
      throw error;
    }
  }

  /** `one-time` or `persistent`; null: these credentials may not ask, or nobody knows the request. */
  async spotRequestType(requestId: string, signal?: AbortSignal): Promise<string | null> {
    try {
      const root = await this.call({
        action: 'DescribeSpotInstanceRequests',
        parameters: { 'SpotInstanceRequestId.1': requestId },
        changes: false,
        signal,
      });
      return textOf(itemsOf(root, 'spotInstanceRequestSet')[0], 'type');
    } catch (error) {
      const { code } = error as Ec2Error;
      if (code === 'UnauthorizedOperation' || code === 'InvalidSpotInstanceRequestID.NotFound') return null;
      throw error;
    }
  }

  private async change(action: string, id: string, signal?: AbortSignal): Promise<Ec2StateChange> {
    const root = await this.call({ action, parameters: { 'InstanceId.1': id }, changes: true, signal });
    const item = itemsOf(root, 'instancesSet').find((one) => textOf(one, 'instanceId') === id);
    return {
      before: textOf(item, 'previousState', 'name') ?? 'unknown',
      now: textOf(item, 'currentState', 'name') ?? 'unknown',
    };
  }

  private async call(call: Call): Promise<Xml> {
    let renewed = false;
    let adjusted = false;
    let renew = false;
    for (let n = 1; ; n++) {
      const verdict = await this.send(call, renew);
      renew = false;
      if ('root' in verdict) return verdict.root;
      const { error, dateHeader } = verdict;
      if (!(error instanceof HttpFailure)) {
        // neither was let in: the same request is signed anew, once for each cause
        if (areKeysExpired(error) && !renewed) {
          renewed = renew = true;
          continue;
        }
        const theirs = Date.parse(dateHeader ?? '');
        if (isClockWrong(error) && !adjusted && !Number.isNaN(theirs)) {
          adjusted = true;
          this.offsetMs = theirs - this.options.nowMs();
          continue;
        }
      }
      const harmless =
        error instanceof HttpFailure
          ? !error.isUntrusted && (!call.changes || !error.mayHaveArrived)
          : isThrottled(error) || (!call.changes && isUncertain(error));
      if (!harmless || n >= BACKOFF.tries || call.signal?.aborted) throw error;
      await this.patience.pause(backoffMs(BACKOFF, n, this.patience.random()), call.signal);
    }
  }

  private async send(
    { action, parameters, signal }: Call,
    renew: boolean,
  ): Promise<{ root: Xml } | { error: Ec2Error | HttpFailure; dateHeader?: string | undefined }> {
    const { credentials, nowMs, region, http, timeoutMs } = this.options;
    const keys = renew ? await credentials.renew() : await credentials.get();
    const body = new URLSearchParams({ Action: action, Version: VERSION, ...parameters }).toString();
    const request = {
      method: 'POST' as const,
      url: this.endpoint,
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body,
    };
    const scope = { service: 'ec2', region, credentials: keys, at: new Date(nowMs() + this.offsetMs) };
    const headers = await signAwsRequest(request, scope);
    let answer: HttpAnswer;
    try {
      const call = { ...request, headers, timeoutMs: timeoutMs ?? 15_000, ...(signal ? { signal } : {}) };
      answer = await callHttp(call, http);
    } catch (error) {
      if (error instanceof HttpFailure) return { error };
      throw error;
    }
    if (answer.status === 200) return { root: readXml(answer.text) };
    return { error: readError(answer.text, answer.status), dateHeader: answer.headers.date };
  }
}
