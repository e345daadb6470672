import * as z from 'zod/mini';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { awsEc2Control } from './aws-ec2/settings.js';
import { commandControl } from './command/settings.js';
import { dockerControl, podmanControl } from './container/settings.js';
import type { Executor } from './executor.js';
import { kubernetesControl } from './kubernetes/settings.js';
import { redfishControl } from './redfish/settings.js';
import { slurmControl } from './slurm/settings.js';
import { systemdControl } from './systemd/settings.js';

/** What an executor gets beside its part of the configuration. */
export interface ExecutorTools {
  /** What a command of it sees: PATH, HOME, LANG. */
  readonly commandEnv: Readonly<Record<string, string>>;
  /** The agent's own environment, for credentials that are configured there; never handed to a command. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes an executor of its part of the configuration; may read files and make clients, acts on nothing. */
export type ExecutorFactory<C> = (control: C, tools: ExecutorTools) => Executor | Promise<Executor>;

/** One element of `controls` of the configuration file: a line for each kind. */
export const controlSchema = z.discriminatedUnion('kind', [
  commandControl,
  systemdControl,
  dockerControl,
  podmanControl,
  slurmControl,
  awsEc2Control,
  kubernetesControl,
  redfishControl,
]);
export type ControlSettings = z.infer<typeof controlSchema>;
export type ControlKind = ControlSettings['kind'];

/** Where the code of each kind is: loaded only on a host that is configured for it. */
export const FACTORIES: {
  readonly [K in ControlKind]: () => Promise<ExecutorFactory<Extract<ControlSettings, { kind: K }>>>;
} = {
  command: async () => (await import('./command/command.executor.js')).createCommandExecutor,
  systemd: async () => (await import('./systemd/systemd.executor.js')).createSystemdExecutor,
  docker: async () => (await import('./container/container.executor.js')).createContainerExecutor,
  podman: async () => (await import('./container/container.executor.js')).createContainerExecutor,
  slurm: async () => (await import('./slurm/slurm.executor.js')).createSlurmExecutor,
  'aws-ec2': async () => (await import('./aws-ec2/aws-ec2.executor.js')).createAwsEc2Executor,
  kubernetes: async () => (await import('./kubernetes/kubernetes.executor.js')).createKubernetesExecutor,
  redfish: async () => (await import('./redfish/redfish.executor.js')).createRedfishExecutor,
};
