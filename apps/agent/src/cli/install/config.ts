import type { FlagValues } from '../../config/flags.js';
import { readConfigFile } from '../../config/file.js';
import type { Settings } from '../../config/settings.js';
import type { Account, Machine } from './machine.js';
import { PATHS } from './unit.js';
import type { Step } from './step.js';

/** The configuration of a host that has none; one that is there is a person's, and stays as it is. */
export function configSteps(machine: Machine, settings: Settings, flags: FlagValues, account: () => Account): Step[] {
  const readable = () => ({ uid: 0, gid: account().gid });
  const { sync } = settings;
  const written = {
    ...(settings.server === null ? {} : { server: settings.server }),
    ...(sync === null ? {} : { sync_url: sync.url, api_key_file: PATHS.apiKey }),
    state_dir: PATHS.state,
    ...(flags['nvidia-smi'] === undefined ? {} : { nvidia_smi: flags['nvidia-smi'] }),
    ...(flags.interval === undefined ? {} : { interval_s: settings.intervalS }),
    ...(flags.prometheus === undefined ? {} : { prometheus: flags.prometheus }),
  };
  const keySteps: Step[] =
    sync === null
      ? []
      : [
          {
            what: `${PATHS.apiKey} holds the key, for root and the agent only`,
            isDone: () => machine.read(PATHS.apiKey)?.trim() === sync.apiKey,
            make: () => machine.write(PATHS.apiKey, `${sync.apiKey}\n`, 0o640, readable()),
          },
        ];
  return [
    ...keySteps,
    {
      what: `${PATHS.config} says what this agent does`,
      isDone: () => {
        if (!machine.has(PATHS.config)) return false;
        // a fault in it is named now, and not by a service that does not start
        readConfigFile(machine.at(PATHS.config));
        return true;
      },
      make: () => machine.write(PATHS.config, `${JSON.stringify(written, null, 2)}\n`, 0o640, readable()),
    },
  ];
}

/** What was asked for by a flag and stands otherwise in the file that is there, a line each. */
export function leftAsItIs(machine: Machine, settings: Settings, flags: FlagValues): string[] {
  if (!machine.has(PATHS.config)) return [];
  const file = readConfigFile(machine.at(PATHS.config)).settings;
  const pairs = [
    ['server', flags.server === undefined ? undefined : settings.server, file.server],
    ['sync_url', flags['sync-url'], file.sync_url],
    ['nvidia_smi', flags['nvidia-smi'], file.nvidia_smi],
    ['interval_s', flags.interval === undefined ? undefined : settings.intervalS, file.interval_s],
    ['prometheus', flags.prometheus, file.prometheus],
  ] as const;
  return pairs.flatMap(([key, asked, found]) =>
    asked === undefined || asked === found
      ? []
      : [`note     ${PATHS.config} is there and stays as it is: its ${key} is ${found ?? 'not set'}, not ${asked}`],
  );
}
