import { useMemo } from 'react';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { NONE, bytesOfMebibytes, percent } from '../ui/format';
import { Card } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import ui from '../ui/ui.module.css';
import { gpuNames } from './gpu-names';
import type { Details } from './instance-screen';

type Process = Schemas['GpuProcess'];

/** What computes on its GPUs, as its agent last said. */
export function InstanceProcesses({ instance }: { readonly instance: Details }) {
  const names = useMemo(() => gpuNames(instance.gpus), [instance.gpus]);
  const list = useLoad(
    ['/api/instances/', String(instance.id), 'processes'],
    () =>
      api.GET('/api/instances/{instanceId}/processes', {
        params: { path: { instanceId: String(instance.id) }, query: { id_type: 'numeric' } },
      }),
    { refetchInterval: 10_000 },
  );
  if (list.isPending) return <Loading />;
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  const { read_at: readAt, processes } = list.data.data;
  if (readAt === null) {
    return (
      <Empty title="No list of processes was reported yet">
        <p>
          {instance.agent
            ? 'Its agent tells which processes compute as soon as the driver lists them. Old drivers and some containers hide them; docs/agent.md says what it needs.'
            : 'Only an agent on the machine can tell which processes compute on it, and this one has none.'}
        </p>
      </Empty>
    );
  }
  const sorted = [...processes].sort((a, b) => (a.gpu_index ?? 1e9) - (b.gpu_index ?? 1e9) || a.pid - b.pid);
  return (
    <Card
      title={`${processes.length} ${processes.length === 1 ? 'process' : 'processes'}`}
      hint={
        <>
          read <Time at={readAt} relative />
        </>
      }
    >
      {processes.length === 0 ? (
        <Empty title="No process computes on its GPUs" />
      ) : (
        <Table
          label="Processes on its GPUs"
          rows={sorted}
          keyOf={(one) => `${one.device} ${one.pid}`}
          columns={[
            { title: 'GPU', tight: true, cell: (one) => names.get(one.device) ?? one.gpu_index ?? NONE },
            { title: 'PID', number: true, cell: (one) => one.pid },
            { title: 'Program', cell: (one) => <Program process={one} /> },
            { title: 'Whose', cell: (one) => <Owner process={one} /> },
            { title: 'Memory', number: true, cell: (one) => bytesOfMebibytes(one.used_memory_mib) },
            { title: 'SM', number: true, cell: (one) => percent(one.sm_percent) },
            { title: 'Kind', tight: true, cell: (one) => KINDS[one.type] ?? NONE },
            { title: 'Since', tight: true, cell: (one) => <Time at={one.started_at} relative /> },
          ]}
        />
      )}
    </Card>
  );
}

const KINDS: Readonly<Record<string, string>> = { C: 'compute', G: 'graphics', 'C+G': 'compute and graphics' };

function Program({ process: { name, command } }: { readonly process: Process }) {
  return (
    <>
      <code className="name">{name || NONE}</code>
      {command && command !== name && (
        <>
          {' '}
          <bdi className={ui['hint']}>{command}</bdi>
        </>
      )}
    </>
  );
}

/** The nearest thing to a person: pod, Slurm job, container, user. */
function Owner({ process: { user, container, pod, slurm_job_id: job } }: { readonly process: Process }) {
  const said = [
    pod && `pod ${[pod.namespace, pod.name ?? pod.uid].filter(Boolean).join('/')}`,
    job && `Slurm job ${job}`,
    container && `container ${container.name ?? container.id?.slice(0, 12) ?? NONE}`,
    user && `user ${user}`,
  ].filter((one): one is string => Boolean(one));
  return <bdi>{said.join(', ') || NONE}</bdi>;
}
