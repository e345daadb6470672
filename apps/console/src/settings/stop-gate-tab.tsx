import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { NumberField, SelectField } from '../ui/field';
import { Card } from '../ui/page';
import { ShowCurl } from '../ui/show-curl';
import { Failed, Loading } from '../ui/states';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import css from './settings.module.css';

type Settings = Schemas['StopGateSettings'];
type Change = Partial<Omit<Settings, 'floor'>>;
const CASES = [
  ['parked', 'A model waits in memory and nobody calls it', 'Stopping it costs the next caller the loading time.'],
  ['local_disks', 'Its local disks are erased by a stop', 'Instance stores of p4d, p5, g5 and the like.'],
  ['unknown_disks', 'Nobody knows whether it has such disks', 'The host reports no metadata about them.'],
  ['spot', 'It is a spot machine', 'It may not come back at the price, or at all.'],
  ['committed', 'It is paid whether it runs or not', 'A stop saves nothing.'],
  ['unknown_processes', 'Nobody reports processes, and GPU memory is not empty', 'Somebody may hold it on purpose.'],
] as const;
const CHOICES = [
  ['refuse', 'Refuse the stop'],
  ['allow', 'Let it pass'],
] as const;

/** What stands between a policy and a machine. Each change holds from the next judgement on. */
export function StopGateTab() {
  const gate = useLoad(['/api/stop-gate'], () => api.GET('/api/stop-gate'));
  const mayChange = useMay('admin');
  const send = useSend((body: Change) => api.PATCH('/api/stop-gate', { body }), ['/api/stop-gate']);
  if (gate.isPending) return <Loading lines={8} />;
  if (gate.isError) return <Failed error={gate.error} retry={() => void gate.refetch()} />;
  const settings: Settings = gate.data.data;
  const set = (body: Change) =>
    send.mutate(body, { onSuccess: () => toast.say('The gate judges by it from now on'), onError: toast.failed });
  const { floor } = settings;
  return (
    <Card
      title="Before a policy, or an approved request, stops a machine"
      actions={<ShowCurl method="PATCH" path="/api/stop-gate" body={{ parked: settings.parked }} />}
      padded
    >
      {!mayChange && <p className={ui['hint']}>Admins change these. You see what holds.</p>}
      <div className={css['fields']}>
        <NumberField
          key={`coverage ${settings.min_coverage_percent}`}
          label="Evidence must be measured for"
          unit="% of the time"
          hint={`At least ${floor.min_coverage_percent} %: what was not seen is not idle`}
          value={settings.min_coverage_percent}
          min={floor.min_coverage_percent}
          max={100}
          disabled={!mayChange}
          onChange={(value) =>
            value !== null && value >= floor.min_coverage_percent && set({ min_coverage_percent: value })
          }
        />
        <NumberField
          key={`running ${settings.min_running_minutes}`}
          label="It must have run for"
          unit="minutes"
          hint={`At least ${floor.min_running_minutes}: somebody has just started it`}
          value={settings.min_running_minutes}
          min={floor.min_running_minutes}
          disabled={!mayChange}
          onChange={(value) =>
            value !== null && value >= floor.min_running_minutes && set({ min_running_minutes: value })
          }
        />
        {CASES.map(([name, label, hint]) => (
          <SelectField
            key={name}
            {...{ label, hint }}
            value={settings[name]}
            options={CHOICES}
            disabled={!mayChange}
            onChange={(value) => set({ [name]: value })}
          />
        ))}
      </div>
    </Card>
  );
}
