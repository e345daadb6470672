import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import css from '../costs/costs.module.css';
import { dayOf, dayWords } from '../costs/cost-window';
import { Badge } from '../ui/badge';
import { Button, IconButton } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { NONE, money } from '../ui/format';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { ShowCurl } from '../ui/show-curl';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import { useNow } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { PRICES_MAKE_OLD, PRICES_PATH, PriceForm } from './price-form';

type Price = Schemas['Price'];
const PAGE = 50;

/** The tenant's own prices, which go before the public lists while they hold. */
export default function Prices() {
  const [page, setPage] = useState(1);
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<Price>();
  const may = useMay('admin');
  const [removing, setRemoving] = useState<Price>();
  const today = dayOf(useNow(0));
  const list = useLoad([PRICES_PATH, page], () => api.GET(PRICES_PATH, { params: { query: { page, limit: PAGE } } }), {
    placeholderData: (before) => before,
  });
  const remove = useSend(
    (price: Price) => api.DELETE('/api/prices/{id}', { params: { path: { id: price.id } } }),
    PRICES_MAKE_OLD,
  );
  const rows = list.data?.data ?? [];
  return (
    <Card
      title="Own prices"
      hint="they go before the public lists of models and clouds"
      actions={
        may && (
          <Button look="primary" onClick={() => setAdding(true)}>
            Set a price
          </Button>
        )
      }
    >
      {list.isPending && <Loading lines={4} />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && (
        <Empty title="The public lists hold for everything">
          <p>
            {may ? 'Set a price' : 'Administrators set a price'} where you have a contract of your own, or where a model
            is in no public list.
          </p>
        </Empty>
      )}
      {rows.length > 0 && (
        <Table
          label="Own prices"
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            {
              title: 'Of',
              cell: (price) => (
                <span className={css['what']}>
                  <bdi className="name">{nameOf(price)}</bdi>
                  <span className={ui['hint']}>
                    {price.provider}
                    {price.region && ` · ${price.region}`}
                    {price.service_tier && ` · ${price.service_tier}`}
                    {price.batch !== null && (price.batch ? ' · batch' : ' · not batch')}
                  </span>
                </span>
              ),
            },
            { title: 'Costs', cell: (price) => amounts(price).join(' · ') || NONE },
            {
              title: 'Holds',
              cell: ({ valid_from: first, valid_to: last }) => (
                <span className={css['tags']}>
                  {last === null
                    ? `from ${dayWords(first, 'long')}`
                    : `${dayWords(first, 'long')} – ${dayWords(last, 'long')}`}
                  {last !== null && last < today && <Badge>over</Badge>}
                  {first > today && <Badge tone="accent">to come</Badge>}
                </span>
              ),
            },
            { title: 'Note', cell: ({ note }) => <bdi className="name">{note ?? NONE}</bdi> },
            ...(may
              ? [
                  {
                    title: 'Change or delete',
                    quiet: true,
                    tight: true,
                    cell: (price) => (
                      <>
                        <IconButton label={`Change the price of ${nameOf(price)}`} onClick={() => setChanging(price)}>
                          <Pencil size={15} aria-hidden />
                        </IconButton>
                        <IconButton label={`Delete the price of ${nameOf(price)}`} onClick={() => setRemoving(price)}>
                          <Trash2 size={15} aria-hidden />
                        </IconButton>
                      </>
                    ),
                  } satisfies Column<Price>,
                ]
              : []),
          ]}
        />
      )}
      <Pager page={page} limit={PAGE} total={list.data?.pagination.total ?? 0} onPage={setPage} />
      {adding && <PriceForm onClose={() => setAdding(false)} />}
      {changing && <PriceForm price={changing} onClose={() => setChanging(undefined)} />}
      {removing && (
        <Confirm
          open
          danger
          onOpenChange={(open) => !open && setRemoving(undefined)}
          title="Delete this price?"
          action="Delete the price"
          busy={remove.isPending}
          error={remove.error}
          aside={<ShowCurl method="DELETE" path={`${PRICES_PATH}/${removing.id}`} />}
          onConfirm={() =>
            remove.mutate(removing, {
              onSuccess: () => {
                toast.say(`The price of ${nameOf(removing)} is deleted: the public list’s holds again.`);
                setRemoving(undefined);
              },
            })
          }
        >
          <p>
            The public list’s price of <bdi className="name">{nameOf(removing)}</bdi> holds again for usage from now on,
            or none where no list has one. What was priced keeps its price.
          </p>
        </Confirm>
      )}
    </Card>
  );
}

const nameOf = ({ model_name, instance_type }: Price) => model_name ?? instance_type ?? '';

/** Every amount of a price with what it is for. */
function amounts(price: Price): readonly string[] {
  const { currency } = price;
  const parts: readonly (readonly [number | null, string])[] = [
    [price.input_cost, 'a million in'],
    [price.output_cost, 'a million out'],
    [price.cache_read_cost, 'a million from caches'],
    [price.cache_write_5m_cost, 'a million to caches'],
    [price.request_cost, 'a thousand requests'],
    [price.unit_cost, `by ${price.usage_unit ?? 'unit'}`],
    [price.hourly_cost, 'an hour'],
  ];
  return parts.flatMap(([amount, what]) =>
    amount === null ? [] : [`${money(amount, currency, digitsOf(amount))} ${what}`],
  );
}

/** As many digits as the amount has, at least cents. */
const digitsOf = (amount: number) => Math.min(6, Math.max(2, (String(amount).split('.')[1] ?? '').length));
