import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { operations } from '@flotilla/api-client';
import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { Button, IconButton } from '../ui/button';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import { Time } from '../ui/time';
import { toast } from '../ui/toast';
import { dayWords } from './cost-window';
import { RATES_MAKE_OLD, RATES_PATH, RateForm } from './rate-form';

type Rate = Schemas['CurrencyRate'];
type RateBody = operations['CurrencyRates_create']['requestBody']['content']['application/json'];
const PAGE = 20;

/** What one currency is worth in another, from a day on. */
export function CurrencyRates() {
  const [page, setPage] = useState(1);
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<Rate>();
  const may = useMay('admin');
  const list = useLoad([RATES_PATH, page], () => api.GET(RATES_PATH, { params: { query: { page, limit: PAGE } } }), {
    placeholderData: (before) => before,
  });
  const post = useSend((body: RateBody) => api.POST(RATES_PATH, { body }), RATES_MAKE_OLD);
  const remove = useSend(
    (rate: Rate) => api.DELETE('/api/currency-rates/{id}', { params: { path: { id: rate.id } } }),
    RATES_MAKE_OLD,
  );
  const takeOut = (rate: Rate) =>
    remove.mutate(rate, {
      onSuccess: () =>
        toast.say(`The rate of ${rate.base} of ${dayWords(rate.day)} is taken out.`, () => {
          const { base, quote, day, rate: value } = rate;
          post.mutate({ base, quote, day, rate: value }, { onError: toast.failed });
        }),
      onError: toast.failed,
    });
  const rows = list.data?.data ?? [];
  return (
    <Card
      title="Currency rates"
      hint="a charge is converted at the rate of its day"
      actions={may && <Button onClick={() => setAdding(true)}>Set a rate</Button>}
    >
      {list.isPending && <Loading lines={3} />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && (
        <Empty title="No rate is set">
          <p>
            Only needed where something is charged in another currency than yours. Until then such charges are in no
            total.
          </p>
        </Empty>
      )}
      {rows.length > 0 && (
        <Table
          label="Currency rates"
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            { title: 'From', tight: true, cell: ({ day }) => dayWords(day, 'long') },
            { title: 'Rate', cell: ({ base, quote, rate }) => `1 ${base} = ${rate} ${quote}` },
            { title: 'Set by', cell: ({ set_by }) => <bdi className="name">{set_by}</bdi> },
            { title: 'Set', tight: true, cell: ({ set_at }) => <Time at={set_at} relative /> },
            ...(may
              ? [
                  {
                    title: 'Change or take out',
                    quiet: true,
                    tight: true,
                    cell: (rate) => (
                      <>
                        <IconButton
                          label={`Change the rate of ${rate.base} of ${dayWords(rate.day)}`}
                          onClick={() => setChanging(rate)}
                        >
                          <Pencil size={15} aria-hidden />
                        </IconButton>
                        <IconButton
                          label={`Take out the rate of ${rate.base} of ${dayWords(rate.day)}`}
                          onClick={() => takeOut(rate)}
                        >
                          <Trash2 size={15} aria-hidden />
                        </IconButton>
                      </>
                    ),
                  } satisfies Column<Rate>,
                ]
              : []),
          ]}
        />
      )}
      <Pager page={page} limit={PAGE} total={list.data?.pagination.total ?? 0} onPage={setPage} />
      {changing && <RateForm given={changing} onClose={() => setChanging(undefined)} />}
      {adding && <RateForm onClose={() => setAdding(false)} />}
    </Card>
  );
}
