import type { ActionVerb } from '@flotilla/domain';
import { awsCredentials } from '@flotilla/providers/aws';
import { Ec2Client } from '@flotilla/providers/aws-ec2';
import type { Ec2Instance } from '@flotilla/providers/aws-ec2';
import { endOfStep } from '../act-end.js';
import { limitsOf, protectionOf } from '../control-settings.js';
import type { ActContext, ActEnd, ActionOffer, Executor, NoPlan, Observation, Plan } from '../executor.js';
import type { ExecutorTools } from '../kinds.js';
import { askForChange, lateRefusal } from './change.js';
import { remarks, unacceptedLoss } from './losses.js';
import type { AwsEc2Control } from './settings.js';

/** Looks for the fate of a start before the state alone decides: 20 × 3 s. */
const LATE_LOOKS = 20;

export function createAwsEc2Executor(control: AwsEc2Control, { clock }: ExecutorTools): Executor {
  const { region, profile, credentials_file: credentialsFile, endpoint } = control;
  const client = new Ec2Client({
    region,
    credentials: awsCredentials({ ...(profile ? { profile } : {}), ...(credentialsFile ? { credentialsFile } : {}) }),
    ...(endpoint ? { endpoint: new URL(endpoint) } : {}),
    nowMs: () => clock.nowMs(),
  });
  return new AwsEc2Executor(control, client);
}

/** Starts and stops EC2 instances; what stopping would lose for good must have been accepted in the configuration. */
class AwsEc2Executor implements Executor {
  readonly control;

  constructor(
    private readonly settings: AwsEc2Control,
    private readonly client: Ec2Client,
  ) {
    const { verbs, instances, region, account } = settings;
    this.control = {
      kind: 'aws-ec2',
      verbs: verbs as readonly ActionVerb[],
      instanceIds: instances ?? [],
      scope: instances ? {} : { region, ...(account ? { account } : {}) },
      level: 'power' as const,
    };
  }

  covers({ controlKind, instanceId }: ActionOffer): boolean {
    if (!['', 'aws-ec2'].includes(controlKind)) return false;
    const { instances } = this.settings;
    return instances ? instances.includes(instanceId) : /^i-[0-9a-f]{8,17}$/.test(instanceId);
  }

  async plan(offer: ActionOffer, signal: AbortSignal): Promise<Plan | NoPlan> {
    const { verb, instanceId: id } = offer;
    if (verb !== 'start' && verb !== 'stop') return { refused: `EC2 knows no ${verb}` };
    const { settings, client } = this;
    const where = `${settings.region}${settings.profile ? `, profile ${settings.profile}` : ''}`;
    const instance = await client.instance(id, signal);
    if (!instance) return { refused: `these credentials see no instance ${id} in ${where}`, elsewhere: true };
    if (settings.account && instance.account !== settings.account) {
      const refused = `${id} belongs to the account ${instance.account ?? 'unknown'}, and this control is for ${settings.account}`;
      return { refused, elsewhere: true };
    }
    if (instance.state === 'terminated' || instance.state === 'shutting-down') {
      return { refused: `${id} is ${instance.state}: it can never be started or stopped again` };
    }
    const name = instance.name ? ` (${instance.name})` : '';
    return {
      what: `${verb} EC2 instance ${id}${name}, a ${instance.instanceType} in ${instance.zone ?? settings.region}`,
      desired: verb === 'start' ? 'running' : 'stopped',
      protection: protectionOf(settings) ?? (await this.loss(verb, instance, signal)),
      ...limitsOf(settings),
      endsHost: false,
      observe: (aborted) => this.observe(id, aborted),
      act: (context) => this.act(verb, instance, context),
      rehearse: async (aborted) => {
        const { allowed, said } = await client.mayChange(verb, id, aborted);
        return { allowed, detail: `EC2 says: ${said}${verb === 'stop' ? remarks(instance) : ''}` };
      },
    };
  }

  private async loss(verb: 'start' | 'stop', instance: Ec2Instance, signal: AbortSignal): Promise<string | null> {
    if (verb === 'start' || instance.state === 'stopped' || instance.state === 'stopping') return null;
    return unacceptedLoss(instance, this.settings.accept, {
      localStorageGb: (type) => this.client.localStorageGb(type, signal),
      spotRequestType: (id) => this.client.spotRequestType(id, signal),
    });
  }

  private async observe(id: string, signal: AbortSignal): Promise<Observation> {
    const seen = await this.client.instance(id, signal);
    // a new id may take a while to be known everywhere; this one was seen when it was planned
    if (!seen) return { state: 'unverified', detail: 'DescribeInstances does not know it any more' };
    const reason = seen.stateReason && seen.state !== 'running' ? `: ${seen.stateReason}` : '';
    const detail = `DescribeInstances says ${seen.state}${reason}`;
    if (seen.state === 'running' || seen.state === 'stopped') return { state: seen.state, detail };
    return { state: 'unverified', detail, onItsWay: seen.state === 'pending' || seen.state === 'stopping' };
  }

  private async act(verb: 'start' | 'stop', instance: Ec2Instance, context: ActContext): Promise<ActEnd> {
    const { client } = this;
    const { id } = instance;
    const answer = await context.request({
      name: verb,
      timeoutMs: this.settings.timeout_s * 1000,
      // EC2 has no token for it, and a second Stop would meet whoever started it meanwhile
      repeat: 'never',
      send: (_token, signal) => askForChange(client, verb, id, (ms) => context.pause(ms), signal),
    });
    if (answer.how !== 'done') return endOfStep(answer);
    if (verb === 'stop') return endOfStep({ ...answer, said: answer.said + remarks(instance) });
    const late = await lateRefusal(client, id, instance.stateReason, (ms) => context.pause(ms), LATE_LOOKS);
    if (late === null) return endOfStep(answer);
    return endOfStep({ how: 'failed', said: `EC2 took it and then put it back: ${late}. Ask again later` });
  }
}
