import { useState } from 'react';
import { api, sentenceOf, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useTenant } from '../data/tenant';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField, fieldError } from '../ui/field';
import { ShowCurl } from '../ui/show-curl';
import { useNow } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import css from './bills.module.css';
import { dayOf, dayWords } from './cost-window';

export const RATES_PATH = '/api/currency-rates';
export const RATES_MAKE_OLD = [RATES_PATH, '/api/costs', '/api/ai-spend', '/api/budgets'];

interface Props {
  /** One that is to be corrected: its rate and day, not its currencies. */
  readonly given?: Schemas['CurrencyRate'];
  readonly onClose: () => void;
}

/** A new rate, or the correction of one. */
export function RateForm({ given, onClose }: Props) {
  const own = useTenant()?.currency ?? 'USD';
  const quote = given?.quote ?? own;
  const today = dayOf(useNow(0));
  const [base, setBase] = useState(given?.base ?? 'EUR');
  const [day, setDay] = useState(given?.day ?? today);
  const [rate, setRate] = useState(given?.rate ?? '');
  const body = { base: base.toUpperCase(), quote, day, rate };
  const change = given && { rate, day, if_set_at: given.set_at };
  const isSame = given !== undefined && given.rate === rate && given.day === day;
  const send = useSend(
    () =>
      given
        ? api.PATCH('/api/currency-rates/{id}', { params: { path: { id: given.id } }, body: change! })
        : api.POST(RATES_PATH, { body }),
    RATES_MAKE_OLD,
  );
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
      title={given ? 'Correct a currency rate' : 'Set a currency rate'}
      description={`It holds from its day until the day of the next one; ${quote} is the currency of all totals.`}
      footer={
        <>
          {given ? (
            <ShowCurl method="PATCH" path={`${RATES_PATH}/${given.id}`} body={change} />
          ) : (
            <ShowCurl method="POST" path={RATES_PATH} body={body} />
          )}
          <Button look="primary" busy={send.isPending && 'Setting …'} disabled={!rate || isSame} onClick={save}>
            {given ? 'Correct the rate' : 'Set the rate'}
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
          readOnly={given !== undefined}
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
