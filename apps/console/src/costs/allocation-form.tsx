import { useState } from 'react';
import type { operations } from '@flotilla/api-client';
import { api, sentenceOf, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { CheckField, NumberField, SelectField, TextField, fieldError } from '../ui/field';
import { ShowCurl } from '../ui/show-curl';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { RULES_MAKE_OLD, RULES_PATH } from './allocation-rules';
import css from './bills.module.css';
import { targetsOf, targetsText } from './targets';

type Body = operations['CostAllocationRules_create']['requestBody']['content']['application/json'];

const METHODS = [
  ['by_usage', 'by what each uses'],
  ['even', 'the same to each'],
  ['weighted', 'by weights'],
] as const;
const BASES = [
  ['cost', 'its own charges'],
  ['gpu_hours', 'its GPU-hours'],
] as const;
const FIELDS = [
  'name',
  'key',
  'service',
  'provider',
  'account',
  'tag',
  'targets',
  'valid_from',
  'valid_to',
  'only_untagged',
  'priority',
];

interface Props {
  /** One that is to be changed. */
  readonly rule?: Schemas['CostAllocationRule'];
  readonly onClose: () => void;
}

/** A new rule, or another wording of one: which charges, to whom, how. */
export function AllocationForm({ rule, onClose }: Props) {
  const [form, setForm] = useState({
    name: rule?.name ?? '',
    key: rule?.key ?? 'team',
    service: rule?.service ?? '',
    provider: rule?.provider ?? '',
    account: rule?.account ?? '',
    tag: rule?.tag ?? '',
    from: rule?.valid_from ?? '',
    to: rule?.valid_to ?? '',
    targets: targetsText(rule?.targets ?? null),
    priority: rule?.priority ?? null,
    untagged: rule?.only_untagged ?? true,
    method: rule?.method ?? 'by_usage',
    basis: rule?.usage_basis ?? 'cost',
  });
  const set = (more: Partial<typeof form>) => setForm({ ...form, ...more });
  const text = (name: 'name' | 'key' | 'service' | 'provider' | 'account' | 'tag' | 'targets') => ({
    value: form[name],
    onChange: (value: string) => set({ [name]: value }),
    error: fieldError(send.error, name),
  });
  const { key } = form;
  const fields = {
    name: form.name,
    method: form.method,
    only_untagged: form.untagged,
    service: form.service || null,
    provider: form.provider || null,
    account: form.account || null,
    tag: form.tag || null,
    targets: targetsOf(form.targets, form.method === 'weighted'),
    valid_from: form.from || null,
    valid_to: form.to || null,
    ...(form.method === 'by_usage' && { usage_basis: form.basis }),
    ...(form.priority !== null && { priority: form.priority }),
  };
  const body: Body = { ...fields, key };
  const change = rule && { ...fields, if_updated_at: rule.updated_at };
  const send = useSend(
    () =>
      rule
        ? api.PATCH('/api/cost-allocation-rules/{id}', { params: { path: { id: rule.id } }, body: change! })
        : api.POST(RULES_PATH, { body }),
    RULES_MAKE_OLD,
  );
  const atField = FIELDS.some((field) => fieldError(send.error, field) !== undefined);
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={rule ? 'Change the rule' : 'Share cost out'}
      description="It holds for past days too, within its dates, and changes showback only: no charge is rewritten."
      footer={
        <>
          {rule ? (
            <ShowCurl method="PATCH" path={`${RULES_PATH}/${rule.id}`} body={change} />
          ) : (
            <ShowCurl method="POST" path={RULES_PATH} body={body} />
          )}
          <Button
            look="primary"
            busy={send.isPending && (rule ? 'Changing …' : 'Making the rule …')}
            disabled={!form.name.trim() || !form.key.trim()}
            onClick={() =>
              send.mutate(undefined, {
                onSuccess: () => {
                  toast.say(rule ? `${form.name} is changed.` : `${form.name} shares cost out now.`);
                  onClose();
                },
              })
            }
          >
            {rule ? 'Change the rule' : 'Make the rule'}
          </Button>
        </>
      }
    >
      <div className={css['form']}>
        <TextField label="Name" placeholder="Support by use" required {...text('name')} />
        <div className={css['pair']}>
          <TextField label="Charges of the service" placeholder="any" {...text('service')} />
          <TextField label="Provider" placeholder="any" {...text('provider')} />
          <TextField label="Account" placeholder="any" {...text('account')} />
          <TextField label="With the tag" placeholder="key:value, or any" {...text('tag')} />
        </div>
        <TextField
          label="Give them to the values of the tag"
          readOnly={rule !== undefined}
          hint={rule && 'Another tag is another rule.'}
          {...text('key')}
        />
        <CheckField
          label="Leave alone what carries that tag already"
          checked={form.untagged}
          onChange={(untagged) => set({ untagged })}
          {...(fieldError(send.error, 'only_untagged') && { hint: fieldError(send.error, 'only_untagged') })}
        />
        <div className={css['pair']}>
          <SelectField label="How" value={form.method} options={METHODS} onChange={(method) => set({ method })} />
          {form.method === 'by_usage' && (
            <SelectField label="Use is" value={form.basis} options={BASES} onChange={(basis) => set({ basis })} />
          )}
        </div>
        <TextField
          label="Only to"
          placeholder={form.method === 'weighted' ? 'search = 3, vision = 1' : 'every value with charges of its own'}
          hint={
            form.method === 'weighted'
              ? 'Values with their weights, separated by commas'
              : 'Values, separated by commas'
          }
          {...text('targets')}
        />
        <div className={css['pair']}>
          <TextField
            label="From"
            type="date"
            value={form.from}
            onChange={(from) => set({ from })}
            error={fieldError(send.error, 'valid_from')}
          />
          <TextField
            label="Until"
            type="date"
            value={form.to}
            onChange={(to) => set({ to })}
            error={fieldError(send.error, 'valid_to')}
          />
        </div>
        <NumberField
          label="Order"
          min={0}
          hint="The smallest number takes a charge first. Empty: after the other rules of the tag."
          value={form.priority}
          error={fieldError(send.error, 'priority')}
          onChange={(priority) => set({ priority })}
        />
        {send.isError && !atField && (
          <p className={ui['fault']} role="alert">
            {sentenceOf(send.error)}
          </p>
        )}
      </div>
    </Dialog>
  );
}
