import { Info } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { NONE, bytesOfMebibytes, decimal } from '../ui/format';
import { Table } from '../ui/table';
import css from './instance.module.css';
import type { Details } from './instance-screen';

type Gpu = Details['gpus'][number];

/** The slow facts of a GPU: driver, place, links, what it does not report and why. */
export function GpuMore({ gpu, name }: { readonly gpu: Gpu; readonly name: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton label={`More about ${name}`} onClick={() => setOpen(true)}>
        <Info size={15} aria-hidden />
      </IconButton>
      {open && (
        <Sheet open onOpenChange={setOpen} title={name} description={<bdi>{gpu.model}</bdi>}>
          <Pairs
            of={[
              ['UUID', gpu.uuid],
              ['Serial number', gpu.serial],
              ['PCI address', gpu.pci_bus_id],
              ['Driver', gpu.driver_version],
              ['Memory', bytesOfMebibytes(gpu.memory_total_mib)],
              ['MIG', gpu.mig_enabled === null ? null : gpu.mig_enabled ? 'on' : 'off'],
              ...Object.entries(gpu.attributes).map(([key, value]) => [key.replaceAll('_', ' '), value] as const),
            ]}
          />
          {gpu.nvlinks.length > 0 && (
            <Table
              label="NVLinks"
              rows={gpu.nvlinks}
              keyOf={(link) => link.index}
              columns={[
                { title: 'Link', number: true, cell: (link) => link.index },
                { title: 'State', cell: (link) => (link.active ? 'active' : 'down') },
                { title: 'GB/s each way', number: true, cell: (link) => decimal(link.speed_gbps) },
                { title: 'Version', cell: (link) => <bdi>{link.version ?? NONE}</bdi> },
                { title: 'Other end', cell: (link) => <bdi>{link.remote_bus_id ?? NONE}</bdi> },
              ]}
            />
          )}
          {Object.keys(gpu.absences).length > 0 && (
            <>
              <h3>Not reported</h3>
              <Pairs
                of={Object.entries(gpu.absences).map(([metric, why]) => [metric.replaceAll('_', ' '), why] as const)}
              />
            </>
          )}
        </Sheet>
      )}
    </>
  );
}

export function Pairs({ of }: { readonly of: readonly (readonly [name: string, value: string | null])[] }) {
  return (
    <dl className={css['pairs']}>
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd className="name">{value ?? NONE}</dd>
        </div>
      ))}
    </dl>
  );
}
