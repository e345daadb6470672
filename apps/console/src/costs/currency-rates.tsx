import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { operations } from '@flotilla/api-client';
import { api, sentenceOf, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useTenant } from '../data/tenant';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField, fieldError } from '../ui/field';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { ShowCurl } from '../ui/show-curl';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time, useNow } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import css from './bills.module.css';
import { dayOf, dayWords } from './cost-window';

type Rate = Schemas['CurrencyRate'];
type RateBody = operations['CurrencyRates_create']['requestBody']['content']['application/json'];
const PATH = '/api/currency-rates';
const MAKES_OLD = [PATH, '/api/costs', '/api/ai-spend', '/api/budgets'];
const PAGE = 20;

/** What one currency is worth in another, from a day on. */
export function CurrencyRates() {
  const [page, setPage] = useState(1);
  const [adding, setAdding] = useState(false);
  const list = useLoad([PATH, page], () => api.GET(PATH, { params: { query: { page, limit: PAGE } } }), {
    placeholderData: (before) => before,
  });
  const post = useSend((body: RateBody) => api.POST(PATH, { body }), MAKES_OLD);
  const remove = useSend(
    (rate: Rate) => api.DELETE('/api/currency-rates/{id}', { params: { path: { id: rate.id } } }),
    MAKES_OLD,
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
      actions={<Button onClick={() => setAdding(true)}>Set a rate</Button>}
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
            {
              title: 'Take out',
              quiet: true,
              cell: (rate) => (
                <IconButton
                  label={`Take out the rate of ${rate.base} of ${dayWords(rate.day)}`}
                  onClick={() => takeOut(rate)}
                >
                  <Trash2 size={15} aria-hidden />
                </IconButton>
              ),
            },
          ]}
        />
      )}
      <Pager page={page} limit={PAGE} total={list.data?.pagination.total ?? 0} onPage={setPage} />
      {adding && <RateForm onClose={() => setAdding(false)} />}
    </Card>
  );
}

function RateForm({ onClose }: { readonly onClose: () => void }) {
  const quote = useTenant()?.currency ?? 'USD';
  const today = dayOf(useNow(0));
  const [base, setBase] = useState('EUR');
  const [day, setDay] = useState(today);
  const [rate, setRate] = useState('');
  const body = { base: base.toUpperCase(), quote, day, rate };
  const send = useSend(() => api.POST(PATH, { body }), MAKES_OLD);
  const save = () =>
    send.mutate(undefined, {
      onSuccess: () => {
        toast.say(`1 ${body.base} is ${rate} ${quote} from ${dayWords(day)} on.`);
        onClose();
      },
    });
  const known = ['base', 'quote', 'day', 'rate'].some((field) => fieldError(send.error, field) !== undefined);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Set a currency rate"
      description={`It holds from its day until the day of the next one; ${quote} is the currency of all totals.`}
      footer={
        <>
          <ShowCurl method="POST" path={PATH} body={body} />
          <Button look="primary" busy={send.isPending && 'Setting …'} disabled={!rate} onClick={save}>
            Set the rate
          </Button>
        </>
      }
    >
      <div className={css['form']}>
        <TextField
          label="Currency"
          value={base}
          onChange={setBase}
          maxLength={3}
          error={fieldError(send.error, 'base')}
        />
        <TextField
          label={`1 ${body.base} is so many ${quote}`}
          value={rate}
          inputMode="decimal"
          placeholder="1.0875"
          onChange={setRate}
          error={fieldError(send.error, 'rate')}
        />
        <TextField
          label="From"
          type="date"
          value={day}
          max={today}
          onChange={setDay}
          error={fieldError(send.error, 'day')}
        />
        {send.isError && !known && (
          <p className={ui['fault']} role="alert">
            {sentenceOf(send.error)}
          </p>
        )}
      </div>
    </Dialog>
  );
}
