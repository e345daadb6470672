import { useState } from 'react';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { NONE, count, decimal } from '../ui/format';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import { Time } from '../ui/time';
import { BillImport } from './bill-import';
import { dayWords } from './cost-window';
import { Rejections } from './rejections';
import type { Costs } from './overview';
import { Reconciliation } from './reconciliation';

type Entry = Schemas['CostImportEntry'];
const PAGE = 20;

/** Bills: bring one, see what came of each, and hold what Flotilla metered against them. */
export default function Bills({ costs }: { readonly costs: Costs }) {
  const page = Math.max(1, Number(costs.search.get('page')) || 1);
  const [shown, setShown] = useState<Entry>();
  const [adding, setAdding] = useState(false);
  const may = useMay('admin');
  const list = useLoad(
    ['/api/costs/imports', page],
    () => api.GET('/api/costs/imports', { params: { query: { page, limit: PAGE } } }),
    { placeholderData: (before) => before },
  );
  const rows = list.data?.data ?? [];
  const columns: readonly Column<Entry>[] = [
    { title: 'File', cell: ({ file_name, id }) => <bdi className="name">{file_name ?? `Import ${id}`}</bdi> },
    { title: 'When', tight: true, cell: ({ imported_at }) => <Time at={imported_at} relative /> },
    { title: 'By', cell: ({ imported_by }) => <bdi className="name">{imported_by}</bdi> },
    {
      title: 'Days',
      tight: true,
      cell: ({ first_day: first, last_day: last }) =>
        first && last ? (first === last ? dayWords(first) : `${dayWords(first)} – ${dayWords(last)}`) : NONE,
    },
    { title: 'Rows', number: true, cell: ({ rows: all }) => count(all) },
    { title: 'New', number: true, cell: ({ accepted }) => count(accepted) },
    { title: 'Corrected', number: true, cell: ({ updated }) => count(updated) },
    { title: 'As known', number: true, cell: ({ duplicates }) => count(duplicates) },
    { title: 'Taken out', number: true, cell: ({ removed }) => count(removed) },
    {
      title: 'Refused',
      number: true,
      cell: (entry) =>
        entry.rejected === 0 ? (
          <Badge tone="good">none</Badge>
        ) : (
          <Button look="danger" onClick={() => setShown(entry)}>
            {count(entry.rejected)} rows: why
          </Button>
        ),
    },
    { title: 'MB', number: true, cell: ({ bytes }) => decimal(bytes / 1e6, bytes < 1e5 ? 3 : 1) },
  ];
  return (
    <>
      <Card
        title="Imported bills"
        hint="FOCUS 1.0 to 1.2"
        actions={
          may && (
            <Button look="primary" onClick={() => setAdding(true)}>
              Import a bill
            </Button>
          )
        }
      >
        {list.isPending && <Loading lines={4} />}
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && rows.length === 0 && (
          <Empty title="No bill was imported yet">
            <p>
              A bill replaces what was metered or estimated for the same days. Every cloud exports its bill as FOCUS.{' '}
              {may
                ? 'Take one file of one month, look at what it would do, and store it.'
                : 'Administrators import it.'}
            </p>
          </Empty>
        )}
        {rows.length > 0 && <Table label="Imported bills" rows={rows} keyOf={({ id }) => id} columns={columns} />}
        <Pager
          page={page}
          limit={PAGE}
          total={list.data?.pagination.total ?? 0}
          onPage={(to) => costs.set({ page: to === 1 ? null : String(to) })}
        />
      </Card>
      <Reconciliation costs={costs} />
      {adding && <BillImport onClose={() => setAdding(false)} />}
      <Sheet
        wide
        open={shown !== undefined}
        onOpenChange={(open) => !open && setShown(undefined)}
        title={`Rows that were refused: ${shown?.file_name ?? ''}`}
        description={shown && `${count(shown.rejected)} of ${count(shown.rows)} rows are no charge and were left out.`}
      >
        {shown && <Rejections rejections={shown.rejections} rejected={shown.rejected} />}
      </Sheet>
    </>
  );
}
