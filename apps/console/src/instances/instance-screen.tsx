import { useParams } from 'wouter';
import { api, useLoad } from '../data/api';
import { HealthBadge, Simulated, StateBadge } from '../ui/badge';
import { celsius, bytesOfMebibytes, money, percent, watts } from '../ui/format';
import { Failed, Loading } from '../ui/states';
import css from '../app/app.module.css';
import ui from '../ui/ui.module.css';

/** One instance: what it is, what its GPUs do now. */
export default function InstanceScreen() {
  const { id = '' } = useParams();
  const one = useLoad(
    ['/api/instances/', id],
    () =>
      api.GET('/api/instances/{instanceId}', { params: { path: { instanceId: id }, query: { id_type: 'numeric' } } }),
    { refetchInterval: 5_000 },
  );
  if (one.isPending) return <Loading lines={10} />;
  if (one.isError) return <Failed error={one.error} retry={() => void one.refetch()} />;
  const instance = one.data.data;
  return (
    <>
      <div className={css['head']}>
        <h1 className="name">{instance.name ?? instance.instance_id}</h1>
        <StateBadge state={instance.state} />
        {instance.simulated && <Simulated />}
        <span className={css['spacer']} />
        <span className={ui['hint']}>
          {instance.instance_type} · {instance.region} · {money(instance.hourly_cost, instance.currency)} an hour
        </span>
      </div>
      <section className={ui['card']}>
        <div className={ui['cardHead']}>
          <h2>GPUs</h2>
        </div>
        <div className={ui['tableBox']} tabIndex={0} role="region" aria-label="GPUs">
          <table className={ui['table']}>
            <thead>
              <tr>
                {['GPU', 'Health', 'Utilisation', 'Memory', 'Temperature', 'Power'].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {instance.gpus.map((gpu) => (
                <tr key={gpu.uuid}>
                  <td>
                    {gpu.index ?? ''} <span className={ui['hint']}>{gpu.model}</span>
                  </td>
                  <td>
                    <HealthBadge health={gpu.health} />
                  </td>
                  <td>{percent(gpu.latest?.metrics['gpu_utilization'])}</td>
                  <td>
                    {bytesOfMebibytes(gpu.latest?.metrics['memory_used_mib'])} of{' '}
                    {bytesOfMebibytes(gpu.memory_total_mib)}
                  </td>
                  <td>{celsius(gpu.latest?.metrics['temperature'])}</td>
                  <td>{watts(gpu.latest?.metrics['power_draw'])}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </>
  );
}
