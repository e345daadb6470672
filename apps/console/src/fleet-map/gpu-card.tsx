import { HealthBadge } from '../ui/badge';
import { NONE, celsius, duration, money, percent, watts } from '../ui/format';
import css from './fleet-map.module.css';
import { wastedPerDay } from './gpus';
import type { FleetAnswer, GpuState } from './gpus';

export const STATE_WORDS: Readonly<Record<GpuState, string>> = {
  busy: 'busy',
  held: 'held but idle',
  idle: 'idle',
  off: 'its machine is off',
  unknown: 'reports too little to tell',
};

/** What a GPU does, in one sentence, for people who do not see the map. */
export function sentenceOfGpu(fleet: FleetAnswer, gpu: number): string {
  const { gpus } = fleet;
  const one = fleet.instances[gpus.instance[gpu]!]!;
  const parts = [
    `GPU ${gpus.index[gpu] ?? NONE} of ${one.name ?? one.instance_id}`,
    STATE_WORDS[gpus.state[gpu]!],
    `health ${gpus.health[gpu]}`,
    `utilisation ${percent(gpus.utilization[gpu])}`,
    `memory ${percent(gpus.memory[gpu])}`,
    celsius(gpus.temperature[gpu]),
    watts(gpus.power[gpu]),
  ];
  return `${parts.filter((part) => !part.endsWith(NONE)).join(', ')}.`;
}

interface Props {
  readonly fleet: FleetAnswer;
  readonly gpu: number;
  /** Where its cell ends, and how wide the map is. */
  readonly x: number;
  readonly y: number;
  readonly room: number;
}
const WIDTH = 250;

/** Beside the pointer; the live region says the same in words. */
export function GpuCard({ fleet, gpu, x, y, room }: Props) {
  const { gpus } = fleet;
  const one = fleet.instances[gpus.instance[gpu]!]!;
  const quiet = gpus.quiet_minutes[gpu];
  const wasted = wastedPerDay(fleet, gpu);
  const rows: readonly (readonly [string, string])[] = [
    ['Utilisation', percent(gpus.utilization[gpu])],
    ['Memory', percent(gpus.memory[gpu])],
    ['Temperature', celsius(gpus.temperature[gpu])],
    ['Power', watts(gpus.power[gpu])],
  ];
  return (
    <div
      className={css['card']}
      style={{ left: Math.max(0, Math.min(x, room - WIDTH)), top: y + 8, width: WIDTH }}
      aria-hidden
    >
      <strong className="name">{one.name ?? one.instance_id}</strong>
      <span className={css['soft']}>
        GPU {gpus.index[gpu] ?? NONE} · {one.gpu_type ?? one.instance_type ?? NONE}
      </span>
      <span className={css['soft']}>
        {STATE_WORDS[gpus.state[gpu]!]}
        {quiet !== null && quiet !== undefined && ` for ${duration(quiet * 60)}`}{' '}
        <HealthBadge health={gpus.health[gpu]!} />
      </span>
      <dl>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {wasted !== 0 && (
        <span className={css['wasted']}>
          {wasted === null ? 'idle; its price is not known' : `${money(wasted, one.currency)} a day for nothing`}
        </span>
      )}
    </div>
  );
}
