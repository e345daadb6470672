import { useState } from 'react';
import { useLocation } from 'wouter';
import { api, sentenceOf, useSend } from '../data/api';
import { useTenant } from '../data/tenant';
import { Button } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { CheckField, NumberField, SelectField, TextField, fieldError } from '../ui/field';
import kit from '../ui/kit.module.css';
import { ShowCurl } from '../ui/show-curl';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { PERIODS } from './budget';
import type { Budget } from './budget';
import css from './budgets.module.css';
import { bodyOf, draftOf, lacks, newDraft } from './draft';
import type { Draft } from './draft';
import { ScopeFields } from './scope-fields';
import { ThresholdFields } from './threshold-fields';

/** Makes a budget, or changes one. */
export function BudgetDialog({ budget, onClose }: { readonly budget?: Budget; readonly onClose: () => void }) {
  const tenant = useTenant();
  const [, go] = useLocation();
  const [changed, setChanged] = useState<Partial<Draft>>({});
  const draft = { ...(budget ? draftOf(budget) : newDraft(tenant?.currency ?? 'USD')), ...changed };
  const set = (change: Partial<Draft>) => setChanged({ ...changed, ...change });
  const body = bodyOf(draft);
  const save = useSend(
    () =>
      budget
        ? api.PUT('/api/budgets/{id}', { params: { path: { id: budget.id } }, body })
        : api.POST('/api/budgets', { body }),
    ['/api/budgets', '/api/costs/budget-status'],
  );
  const missing = lacks(draft);
  const fault = (field: string) => fieldError(save.error, field);
  const known = ['name', 'scope_value', 'amount', 'currency', 'starts_on', 'ends_on'].some(fault);
  const submit = () =>
    save.mutate(undefined, {
      onSuccess: ({ data }) => {
        toast.say(budget ? 'The budget is changed' : 'The budget is made');
        if (budget) onClose();
        else go(`/budgets/${data.id}`);
      },
    });
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={budget ? 'Change the budget' : 'New budget'}
      footer={
        <>
          <ShowCurl
            method={budget ? 'PUT' : 'POST'}
            path={budget ? `/api/budgets/${budget.id}` : '/api/budgets'}
            body={body}
          />
          <span className={kit['grow']} />
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={missing !== undefined} busy={save.isPending && 'Saving …'} onClick={submit}>
            {budget ? 'Save' : 'Make the budget'}
          </Button>
        </>
      }
    >
      <div className={css['form']}>
        <TextField
          label="Name"
          maxLength={200}
          value={draft.name}
          error={fault('name')}
          onChange={(name) => set({ name })}
        />
        <ScopeFields draft={draft} set={set} error={fault('scope_value')} />
        <div className={css['pair']}>
          <NumberField
            label="Limit"
            min={0}
            step="any"
            value={draft.amount}
            unit={draft.currency}
            error={fault('amount')}
            onChange={(amount) => set({ amount })}
          />
          <SelectField label="For each" value={draft.period} options={PERIODS} onChange={(period) => set({ period })} />
        </div>
        {draft.period === 'custom' ? (
          <div className={css['pair']}>
            <Day
              label="First day"
              value={draft.startsOn}
              error={fault('starts_on')}
              set={(startsOn) => set({ startsOn })}
            />
            <Day label="Last day" value={draft.endsOn} error={fault('ends_on')} set={(endsOn) => set({ endsOn })} />
          </div>
        ) : (
          <SeldomOther draft={draft} set={set} fault={fault} />
        )}
        <ThresholdFields thresholds={draft.thresholds} onChange={(thresholds) => set({ thresholds })} />
        <CheckField
          label="Switched on"
          hint="Off: it is shown, and tells nothing."
          checked={draft.enabled}
          onChange={(enabled) => set({ enabled })}
        />
        {missing && <p className={ui['hint']}>{missing}</p>}
        {save.isError && !known && (
          <p className={ui['fault']} role="alert">
            {sentenceOf(save.error)}
          </p>
        )}
      </div>
    </Sheet>
  );
}

interface MoreProps {
  readonly draft: Draft;
  readonly set: (change: Partial<Draft>) => void;
  readonly fault: (field: string) => string | undefined;
}

/** What seldom is other than usual. */
function SeldomOther({ draft, set, fault }: MoreProps) {
  return (
    <details open={draft.anchor === 'start' || draft.startsOn !== '' || draft.costType !== 'billed'}>
      <summary>Currency, first day, kind of cost</summary>
      <div className={css['form']} style={{ paddingTop: 10 }}>
        <div className={css['pair']}>
          <TextField
            label="Currency"
            maxLength={3}
            hint="Another than the tenant’s needs a currency rate."
            value={draft.currency}
            error={fault('currency')}
            onChange={(currency) => set({ currency: currency.toUpperCase() })}
          />
          <SelectField
            label="Cost"
            value={draft.costType}
            options={[
              ['billed', 'As invoiced'],
              ['effective', 'With commitments spread'],
            ]}
            onChange={(costType) => set({ costType })}
          />
          <SelectField
            label="Periods begin"
            value={draft.anchor}
            options={[
              ['calendar', 'With the calendar'],
              ['start', 'On the first day below'],
            ]}
            onChange={(anchor) => set({ anchor })}
          />
          <Day
            label="First day"
            value={draft.startsOn}
            error={fault('starts_on')}
            set={(startsOn) => set({ startsOn })}
          />
        </div>
      </div>
    </details>
  );
}

interface DayProps {
  readonly label: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly set: (day: string) => void;
}

const Day = ({ label, value, error, set }: DayProps) => (
  <TextField label={label} type="date" value={value} error={error} onChange={set} />
);
