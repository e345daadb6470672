import { count } from '../../ui/format';
import { Card } from '../../ui/page';
import type { Simulation } from '../proof';
import css from './simulation.module.css';

type Blocked = Simulation['blocked'];
type Cause = Exclude<keyof Blocked, 'gate_checks'>;

const CAUSES: readonly (readonly [Cause, string, string])[] = [
  ['gate', 'Safe-stop gate', 'The machine was not safe to stop.'],
  ['protection', 'Protected tags', 'It carries a tag that nobody may touch.'],
  ['schedule', 'Days and hours', 'The conditions held outside the times of the policy.'],
  ['cooldown', 'Pause between triggers', 'The same instance had triggered shortly before.'],
  ['quota', 'Share of the action', 'More triggered at once than the action takes.'],
  ['cap_per_run', 'Cap at once', 'More of the fleet than may be stopped at once.'],
  ['cap_per_day', 'Cap of a day', 'More of the fleet than may be stopped within a day.'],
];
export const GATE_CHECKS: Readonly<Record<string, string>> = {
  state: 'it was not running',
  protection: 'it is protected',
  open_action: 'another action was open',
  maintenance: 'it was in maintenance',
  recent_start: 'it had only just started',
  coverage: 'too little was measured',
  activity: 'its GPUs, links or network were at work',
  processes: 'processes held its GPUs, or nobody told of them',
  model_server: 'a model was loaded and waited for calls',
  jobs: 'a job ran on it',
  local_disks: 'its disks are lost at a stop',
  auto_scaling: 'a group would have started it again',
  spot: 'it is a spot machine',
  commitment: 'it is paid for whether it runs or not',
};

export const keptBackTotal = (blocked: Blocked): number => CAUSES.reduce((sum, [cause]) => sum + blocked[cause], 0);

/** What kept the policy from acting, most first, with its reason. */
export function KeptBack({ blocked }: { readonly blocked: Blocked }) {
  const causes = CAUSES.filter(([cause]) => blocked[cause] > 0).sort(([a], [b]) => blocked[b] - blocked[a]);
  const most = Math.max(1, ...causes.map(([cause]) => blocked[cause]));
  const checks = Object.entries(blocked.gate_checks).sort(([, a], [, b]) => b - a);
  if (causes.length === 0) {
    return (
      <Card title="Kept back" padded>
        <p>Nothing kept it back: each trigger was a stop, or fell into one.</p>
      </Card>
    );
  }
  return (
    <Card title="Kept back" hint="Triggers that stopped nothing, and why" padded>
      <ul className={css['causes']}>
        {causes.map(([cause, title, why]) => (
          <li key={cause}>
            <span>
              <b>{title}</b> <span className={css['why']}>{why}</span>
              {cause === 'gate' && checks.length > 0 && (
                <span className={css['checks']}>
                  {checks.map(([check, times]) => (
                    <span key={check}>
                      {count(times)} × {GATE_CHECKS[check] ?? check}
                    </span>
                  ))}
                </span>
              )}
            </span>
            <span className={css['causeBar']} aria-hidden>
              <span style={{ width: `${(blocked[cause] / most) * 100}%` }} />
            </span>
            <b className={css['causeCount']}>{count(blocked[cause])}</b>
          </li>
        ))}
      </ul>
    </Card>
  );
}
