import { api, useLoad } from '../data/api';
import { count } from '../ui/format';
import ui from '../ui/ui.module.css';

/** The numbers on top of the fleet. */
export function FleetNumbers() {
  const stats = useLoad(['/api/stats'], () => api.GET('/api/stats'), { refetchInterval: 15_000 });
  const resources = stats.data?.data.resources;
  const tiles: readonly (readonly [string, number | undefined, string])[] = [
    ['Instances', resources?.instances['total'], `${count(resources?.instances['running'])} running`],
    ['GPUs', resources?.gpus.total, `${count(resources?.gpus.missing)} missing`],
    ['Unhealthy GPUs', resources?.gpus.unhealthy, 'degraded or unhealthy'],
    ['Agents', resources?.agents.total, `${count(resources?.agents.connected)} connected`],
  ];
  return (
    <dl className={ui['tiles']}>
      {tiles.map(([label, value, note]) => (
        <div key={label} className={ui['tile']}>
          <dt className={ui['tileLabel']}>{label}</dt>
          <dd className={ui['tileValue']}>{count(value)}</dd>
          <dd className={ui['tileNote']}>{note}</dd>
        </div>
      ))}
    </dl>
  );
}
