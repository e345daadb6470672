import { Wrench } from 'lucide-react';
import { useMemo, useState } from 'react';
import { api, useSend } from '../data/api';
import { HealthBadge } from '../ui/badge';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { TextField, fieldError } from '../ui/field';
import { NONE, bytesOfMebibytes, celsius, count, percent, watts } from '../ui/format';
import { Card } from '../ui/page';
import { ShowCurl } from '../ui/show-curl';
import { Empty } from '../ui/states';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { gpuNames } from './gpu-names';
import { GpuMore } from './gpu-more';
import css from './instance.module.css';
import type { Details } from './instance-screen';

type Gpu = Details['gpus'][number];

/** What its agent advises, in words. */
const ADVICE: Readonly<Record<Gpu['advised_action'], string>> = {
  none: 'nothing yet: its agent watches whether it gets worse',
  restart_workload: 'restart what runs on it',
  drain: 'take no new work onto it, and let what runs end',
  reset_gpu: 'reset the GPU',
  reboot: 'reboot the host',
  rma: 'replace the board',
};

/** Every GPU: how it is, by what one knows, and what to do. Those that are ill come first. */
export function InstanceHealth({ instance }: { readonly instance: Details }) {
  const names = useMemo(() => gpuNames(instance.gpus), [instance.gpus]);
  const [clearing, clear] = useState<Gpu | null>(null);
  const ill = instance.gpus.filter(isIll);
  if (instance.gpus.length === 0) {
    return (
      <Empty title="No GPU was reported">
        <p>Its agent tells them as soon as the driver lists them. Is the NVIDIA driver loaded on this host?</p>
      </Empty>
    );
  }
  return (
    <>
      {ill.map((gpu) => (
        <Card
          key={gpu.uuid}
          padded
          title={
            <>
              {names.get(gpu.uuid)} <HealthBadge health={gpu.health} />
            </>
          }
          actions={
            <Button onClick={() => clear(gpu)}>
              <Wrench size={15} aria-hidden /> It is repaired …
            </Button>
          }
        >
          <Evidence gpu={gpu} />
        </Card>
      ))}
      <Card title={`${count(instance.gpus.length)} GPUs`} hint={instance.gpus[0]?.model}>
        <Table
          label="GPUs"
          rows={instance.gpus}
          keyOf={(gpu) => gpu.uuid}
          columns={[
            { title: 'GPU', tight: true, cell: (gpu) => names.get(gpu.uuid) },
            {
              title: 'Health',
              cell: (gpu) => <HealthBadge health={gpu.presence === 'missing' ? 'missing' : gpu.health} />,
            },
            { title: 'Utilisation', number: true, cell: (gpu) => percent(gpu.latest?.metrics['gpu_utilization']) },
            {
              title: 'Memory',
              number: true,
              cell: ({ latest, memory_total_mib: total }) =>
                `${bytesOfMebibytes(latest?.metrics['memory_used_mib'])} of ${bytesOfMebibytes(total)}`,
            },
            { title: 'Temperature', number: true, cell: (gpu) => celsius(gpu.latest?.metrics['temperature']) },
            { title: 'Power', number: true, cell: (gpu) => watts(gpu.latest?.metrics['power_draw']) },
            {
              title: 'Errors, corrected',
              number: true,
              cell: (gpu) => count(gpu.latest?.metrics['ecc_errors_corrected']),
            },
            { title: 'Uncorrected', number: true, cell: (gpu) => count(gpu.latest?.metrics['ecc_errors_uncorrected']) },
            { title: 'Read', tight: true, cell: (gpu) => <Time at={gpu.latest?.timestamp} relative /> },
            { title: 'More', quiet: true, cell: (gpu) => <GpuMore gpu={gpu} name={names.get(gpu.uuid) ?? gpu.uuid} /> },
          ]}
        />
      </Card>
      {clearing && (
        <ClearHealth
          key={clearing.uuid}
          id={instance.id}
          gpu={clearing}
          name={names.get(clearing.uuid)!}
          onDone={() => clear(null)}
        />
      )}
    </>
  );
}

const isIll = (gpu: Gpu) => gpu.health === 'unhealthy' || gpu.health === 'degraded' || gpu.presence === 'missing';

function Evidence({ gpu }: { readonly gpu: Gpu }) {
  return (
    <div className={css['evidence']}>
      <p className="name">
        {gpu.presence === 'missing' ? 'The driver does not list it any more.' : (gpu.health_reason ?? NONE)}
      </p>
      <dl className={css['pairs']}>
        <dt>What to do</dt>
        <dd>{ADVICE[gpu.advised_action]}</dd>
        <dt>Since</dt>
        <dd>
          <Time at={gpu.health_since} />
        </dd>
        {gpu.recovery_action && (
          <>
            <dt>The driver advises</dt>
            <dd>
              <bdi>{gpu.recovery_action}</bdi>
            </dd>
          </>
        )}
        {gpu.health_cleared_at && (
          <>
            <dt>Last said to be repaired</dt>
            <dd>
              <Time at={gpu.health_cleared_at} /> by <bdi>{gpu.health_cleared_by ?? NONE}</bdi>
            </dd>
          </>
        )}
      </dl>
      {gpu.health_evidence && (
        <pre className={css['quote']} tabIndex={0} aria-label="What was seen, word for word">
          {gpu.health_evidence}
        </pre>
      )}
      {gpu.episodes.length > 0 && (
        <Table
          label="Errors of the driver"
          rows={gpu.episodes}
          keyOf={(one) => `${one.kind} ${one.code} ${one.first_seen}`}
          columns={[
            { title: 'Error', tight: true, cell: (one) => `${one.kind === 'xid' ? 'Xid' : 'SXid'} ${one.code}` },
            { title: 'Kind', cell: (one) => one.class.replaceAll('_', ' ') },
            { title: 'Times', number: true, cell: (one) => count(one.count) },
            { title: 'First', tight: true, cell: (one) => <Time at={one.first_seen} /> },
            { title: 'Last', tight: true, cell: (one) => <Time at={one.last_seen} /> },
          ]}
        />
      )}
    </div>
  );
}

interface ClearProps {
  readonly id: number;
  readonly gpu: Gpu;
  readonly name: string;
  readonly onDone: () => void;
}

function ClearHealth({ id, gpu, name, onDone }: ClearProps) {
  const [comment, setComment] = useState('');
  const body = comment.trim() ? { comment: comment.trim() } : {};
  const send = useSend(
    () =>
      api.POST('/api/instances/{instanceId}/gpus/{uuid}/clear-health', {
        params: { path: { instanceId: String(id), uuid: gpu.uuid }, query: { id_type: 'numeric' } },
        body,
      }),
    ['/api/instances', '/api/stats', '/api/alerts'],
  );
  const confirm = () =>
    send.mutate(undefined, {
      onSuccess: ({ data }) => {
        toast.say(
          data.agent_connected
            ? `${name} counts as repaired`
            : `${name} counts as repaired; its agent hears it when it is back`,
        );
        onDone();
      },
    });
  return (
    <Confirm
      open
      onOpenChange={(open) => {
        if (!open) onDone();
      }}
      title={`${name} is repaired?`}
      action={`Say that ${name} is repaired`}
      busy={send.isPending}
      error={send.error ?? undefined}
      onConfirm={confirm}
      aside={
        <ShowCurl
          method="POST"
          path={`/api/instances/${id}/gpus/${encodeURIComponent(gpu.uuid)}/clear-health`}
          body={body}
        />
      }
    >
      <p className={ui['hint']}>
        What was held against it is forgotten, here and on its host. What is still wrong shows again when it gets worse
        or comes back.
      </p>
      <TextField
        label="What was done"
        value={comment}
        onChange={setComment}
        error={fieldError(send.error, 'comment')}
        maxLength={2_000}
        placeholder="board replaced"
      />
    </Confirm>
  );
}
