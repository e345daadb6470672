import { money } from '../ui/format';
import { Card } from '../ui/page';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import { Pairs } from './gpu-more';
import type { Details } from './instance-screen';

const SOURCES: Readonly<Record<string, string>> = {
  user: 'a person',
  bill: 'the bill',
  own_price: 'your own price',
  cloud: 'the cloud',
  agent: 'its agent',
  price_table: 'the table of list prices',
};

/** Where it stands, and what each source says of it: the best one counts. */
export function InstanceFacts({ instance }: { readonly instance: Details }) {
  const { placement } = instance;
  return (
    <>
      <Card title="Where it stands" padded>
        <Pairs
          of={[
            ['Provider', instance.cloud_provider],
            ['Provider id', instance.instance_id],
            ['Region', instance.region],
            ['Zone', placement.zone ?? null],
            ['Account', placement.account ?? null],
            ['Paid for as', placement.lifecycle?.replaceAll('_', ' ') ?? null],
            ['Auto-scaling group', placement.auto_scaling_group ?? null],
            ['Local disks', placement.local_disks ?? null],
            ['Kubernetes node', placement.kubernetes_node ?? null],
            ['Slurm node', placement.slurm_node ?? null],
            ['Verified starts and stops', String(instance.generation)],
          ]}
        />
      </Card>
      <Card title="What each source says" hint="of several the best one counts">
        <Table
          label="Facts by source"
          rows={instance.facts}
          keyOf={(fact) => `${fact.fact} ${fact.source} ${fact.reporter}`}
          columns={[
            { title: 'Fact', tight: true, cell: (fact) => fact.fact.replaceAll('_', ' ') },
            { title: 'Value', cell: (fact) => <span className="name">{valueWords(fact.value)}</span> },
            { title: 'Source', tight: true, cell: (fact) => SOURCES[fact.source] ?? fact.source },
            { title: 'Said', tight: true, cell: (fact) => <Time at={fact.at} /> },
          ]}
        />
      </Card>
    </>
  );
}

/** A fact as one line: a price as money, tags as key: value. */
function valueWords(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { amount, currency, list, as_of: asOf } = value as Readonly<Record<string, unknown>>;
  if (typeof amount === 'string' && typeof currency === 'string') {
    const from = typeof list === 'string' ? ` (${list}${typeof asOf === 'string' ? `, ${asOf}` : ''})` : '';
    return `${money(Number(amount), currency)} an hour${from}`;
  }
  return told(
    Object.entries(value)
      .map(([key, one]) => `${key}: ${typeof one === 'object' ? JSON.stringify(one) : String(one)}`)
      .join(', '),
  );
}
