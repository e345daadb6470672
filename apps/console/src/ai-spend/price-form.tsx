import { useState } from 'react';
import { dayOf } from '../costs/cost-window';
import css from '../costs/bills.module.css';
import { api, sentenceOf, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useTenant } from '../data/tenant';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField, fieldError } from '../ui/field';
import { ShowCurl } from '../ui/show-curl';
import { Choice } from '../ui/tabs';
import { useNow } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { draftOfPrice, emptyDraft, priceBody, priceChange } from './price-draft';
import type { PriceDraft } from './price-draft';

export const PRICES_PATH = '/api/prices';
/** What was unpriced gets its price within a minute. */
export const PRICES_MAKE_OLD = [PRICES_PATH, '/api/ai-spend', '/api/costs', '/api/instances'];

const KINDS = [
  ['tokens', 'Tokens'],
  ['units', 'Images, calls, seconds …'],
  ['instance', 'Hours of an instance'],
] as const;

interface Props {
  readonly draft?: Partial<PriceDraft>;
  /** One that is to be changed: its amounts and days, not what it is of. */
  readonly price?: Schemas['Price'];
  readonly onClose: () => void;
}

/** What the tenant pays, from a day on, instead of what the public lists say. */
export function PriceForm({ draft: given, price, onClose }: Props) {
  const today = dayOf(useNow(0));
  const currency = useTenant()?.currency ?? 'USD';
  const [draft, setDraft] = useState<PriceDraft>(() => ({
    ...(price ? draftOfPrice(price) : emptyDraft(today, currency)),
    ...given,
  }));
  const body = priceBody(draft);
  const change = price && priceChange(price, draft);
  const send = useSend(
    () =>
      price
        ? api.PATCH('/api/prices/{id}', { params: { path: { id: price.id } }, body: change! })
        : api.POST(PRICES_PATH, { body }),
    PRICES_MAKE_OLD,
  );
  const field = (name: keyof PriceDraft) => ({
    value: draft[name],
    onChange: (value: string) => setDraft({ ...draft, [name]: value }),
    error: fieldError(send.error, name),
  });
  const amount = (name: keyof PriceDraft) => ({ ...field(name), inputMode: 'decimal' as const });
  const atField = Object.keys(draft).some((name) => fieldError(send.error, name) !== undefined);
  const what = draft.of === 'instance' ? draft.instance_type : draft.model_name;
  const fixed = { readOnly: price !== undefined };
  const isSame = change !== undefined && Object.keys(change).length === 1;
  const isEmpty =
    draft.of === 'instance'
      ? !draft.hourly_cost
      : draft.of === 'units'
        ? !draft.unit_cost
        : !draft.input_cost && !draft.output_cost && !draft.request_cost;
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={price ? 'Change a price' : 'Set a price'}
      description="It goes before the public lists from its first day on. Usage that has a price keeps it; what had none gets this one within a minute."
      footer={
        <>
          {change ? (
            <ShowCurl method="PATCH" path={`${PRICES_PATH}/${price.id}`} body={change} />
          ) : (
            <ShowCurl method="POST" path={PRICES_PATH} body={body} />
          )}
          <Button
            look="primary"
            busy={send.isPending && 'Setting …'}
            disabled={isEmpty || isSame || !what.trim() || !draft.provider.trim()}
            onClick={() =>
              send.mutate(undefined, {
                onSuccess: () => {
                  toast.say(
                    price
                      ? `The price of ${what} is changed for usage from now on.`
                      : `${what} has a price from ${draft.valid_from} on. What was unpriced gets it within a minute.`,
                  );
                  onClose();
                },
              })
            }
          >
            {price ? 'Change the price' : 'Set the price'}
          </Button>
        </>
      }
    >
      <div className={css['form']}>
        {!price && (
          <Choice label="Price of" value={draft.of} options={KINDS} onChange={(of) => setDraft({ ...draft, of })} />
        )}
        <div className={css['pair']}>
          <TextField
            label="Provider"
            placeholder={draft.of === 'instance' ? 'aws' : 'openai'}
            {...fixed}
            {...field('provider')}
          />
          {draft.of === 'instance' ? (
            <>
              <TextField label="Instance type" placeholder="p5.48xlarge" {...fixed} {...field('instance_type')} />
              <TextField label="Region" placeholder="every" {...fixed} {...field('region')} />
            </>
          ) : (
            <TextField
              label="Model"
              placeholder="gpt-4o*"
              hint="With * at the end: all that begin so"
              {...fixed}
              {...field('model_name')}
            />
          )}
        </div>
        {draft.of === 'tokens' && (
          <>
            <div className={css['pair']}>
              <TextField label="A million tokens of input" placeholder="2.50" {...amount('input_cost')} />
              <TextField label="A million tokens of output" placeholder="10" {...amount('output_cost')} />
            </div>
            <div className={css['pair']}>
              <TextField label="A million read from a cache" placeholder="as input" {...amount('cache_read_cost')} />
              <TextField
                label="A million written to a cache"
                placeholder="as input"
                {...amount('cache_write_5m_cost')}
              />
              <TextField label="A thousand requests, besides" placeholder="none" {...amount('request_cost')} />
            </div>
          </>
        )}
        {draft.of === 'units' && (
          <div className={css['pair']}>
            <TextField label="Unit, as usage spells it" placeholder="images" {...fixed} {...field('usage_unit')} />
            <TextField label="One of them costs" placeholder="0.04" {...amount('unit_cost')} />
          </div>
        )}
        {draft.of === 'instance' && <TextField label="An hour costs" placeholder="55.04" {...amount('hourly_cost')} />}
        <div className={css['pair']}>
          <TextField label="Currency" maxLength={3} {...field('currency')} />
          <TextField label="From" type="date" {...field('valid_from')} />
          <TextField label="Until" type="date" hint="Empty: until further notice" {...field('valid_to')} />
        </div>
        <TextField label="Note" placeholder="Contract of 2026" {...field('note')} />
        {send.isError && !atField && (
          <p className={ui['fault']} role="alert">
            {sentenceOf(send.error)}
          </p>
        )}
      </div>
    </Dialog>
  );
}
