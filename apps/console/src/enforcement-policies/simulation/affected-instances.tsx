import { useState } from 'react';
import { Link } from 'wouter';
import { Button } from '../../ui/button';
import { count, duration } from '../../ui/format';
import { Card } from '../../ui/page';
import { Table } from '../../ui/table';
import { amountsWords } from '../proof';
import type { Simulation } from '../proof';

const FIRST = 12;

/** Each instance that triggered, and what came of it. */
export function AffectedInstances({ found }: { readonly found: Simulation }) {
  const [all, setAll] = useState(false);
  const rows = all ? found.instances : found.instances.slice(0, FIRST);
  if (rows.length === 0) return null;
  return (
    <Card
      title="Instances"
      hint={`${count(found.instances.length)} triggered`}
      actions={
        found.instances.length > FIRST && (
          <Button look="quiet" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : 'Show all'}
          </Button>
        )
      }
    >
      <Table
        label="Instances that triggered"
        rows={rows}
        keyOf={(row) => row.instance_number}
        columns={[
          {
            title: 'Instance',
            cell: (row) => (
              <Link href={`/instances/${row.instance_number}`} className="name">
                {row.name}
              </Link>
            ),
          },
          { title: 'Triggers', number: true, cell: (row) => count(row.triggers) },
          { title: 'Stops', number: true, cell: (row) => count(row.stops) },
          { title: 'False', number: true, cell: (row) => count(row.false_stops) },
          { title: 'Not decided', number: true, cell: (row) => count(row.undecided_stops) },
          {
            title: 'Time off',
            number: true,
            cell: (row) => duration((row.priced_hours + row.unpriced_hours + row.unsaved_hours) * 3_600),
          },
          { title: 'Avoidable', number: true, cell: (row) => amountsWords(row.avoidable) },
        ]}
      />
    </Card>
  );
}
