import { useState } from 'react';
import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { Button } from '../ui/button';
import { CheckField, NumberField, TextField, fieldError } from '../ui/field';
import { Card } from '../ui/page';
import { ShowCurl } from '../ui/show-curl';
import { Failed, Loading } from '../ui/states';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { sentenceOf } from '../data/api';
import css from './settings.module.css';

type Tenant = Schemas['Tenant'];
const FIELDS = [
  ...([
    'name',
    'currency',
    'timezone',
    'locale',
    'idle_below_percent',
    'idle_for_minutes',
    'require_approval',
  ] as const),
  ...(['require_second_person', 'raw_retention_days', 'packed_retention_months', 'ai_usage_retention_days'] as const),
] as const;
type Draft = Pick<Tenant, (typeof FIELDS)[number]>;

/** What holds for everybody: money, time, when a GPU counts as idle, who approves, how long things are kept. */
export function TenantTab() {
  const tenant = useLoad(['/api/tenant'], () => api.GET('/api/tenant'));
  if (tenant.isPending) return <Loading lines={10} />;
  if (tenant.isError) return <Failed error={tenant.error} retry={() => void tenant.refetch()} />;
  return <TenantForm key={tenant.data.data.updated_at} tenant={tenant.data.data} />;
}

function TenantForm({ tenant }: { readonly tenant: Tenant }) {
  const [draft, setDraft] = useState<Draft>(tenant);
  const changed = Object.fromEntries(
    FIELDS.filter((name) => draft[name] !== tenant[name]).map((name) => [name, draft[name]]),
  ) as Partial<Draft>;
  const send = useSend(() => api.PATCH('/api/tenant', { body: changed }), ['/api/']);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const text = (name: 'name' | 'currency' | 'timezone' | 'locale', label: string, hint: string) => (
    <TextField
      {...{ label, hint }}
      value={draft[name]}
      onChange={(value) => set({ [name]: value })}
      error={fieldError(send.error, name)}
    />
  );
  const number = (name: NumberName, label: string, unit: string, hint?: string) => (
    <NumberField
      {...{ label, unit, hint }}
      value={draft[name]}
      min={0}
      onChange={(value) => value !== null && set({ [name]: value })}
      error={fieldError(send.error, name)}
    />
  );
  const isKnown = FIELDS.some((name) => fieldError(send.error, name) !== undefined);
  return (
    <form
      className={css['form']}
      onSubmit={(event) => {
        event.preventDefault();
        // the form is made anew with what was saved: what hangs on this one would not be heard any more
        send.mutateAsync().then(
          () => toast.say('Saved'),
          () => undefined,
        );
      }}
    >
      <Card title="Name, money, time" padded>
        <div className={css['fields']}>
          {text('name', 'Name', 'As it stands in reports')}
          {text('currency', 'Currency', 'ISO 4217, for example EUR: sums are shown in it')}
          {text('timezone', 'Time zone', 'IANA, for example Europe/Berlin: days and months begin in it')}
          {text('locale', 'Locale', 'BCP 47, for example de-DE: how exports write numbers')}
        </div>
      </Card>
      <Card title="When a GPU is idle" padded>
        <div className={css['fields']}>
          {number('idle_below_percent', 'Below', '% utilisation')}
          {number('idle_for_minutes', 'For', 'minutes without a break')}
        </div>
      </Card>
      <Card title="Approvals" padded>
        <CheckField
          label="Starts and stops that people ask for wait for an approval"
          checked={draft.require_approval}
          onChange={(value) => set({ require_approval: value })}
        />
        <CheckField
          label="Somebody else must approve"
          hint="Not the person who asked, whichever key they use"
          checked={draft.require_second_person}
          onChange={(value) => set({ require_second_person: value })}
        />
      </Card>
      <Card title="How long things are kept" padded>
        <div className={css['fields']}>
          {number('raw_retention_days', 'Single seconds', 'days')}
          {number('packed_retention_months', 'Minutes and hours', 'months')}
          {number('ai_usage_retention_days', 'Single records of AI usage', 'days', 'Their hours are kept')}
        </div>
      </Card>
      <div className={css['buttons']}>
        {send.isError && !isKnown && (
          <p className={ui['fault']} role="alert">
            {sentenceOf(send.error)}
          </p>
        )}
        <ShowCurl method="PATCH" path="/api/tenant" body={changed} />
        <Button
          type="submit"
          look="primary"
          disabled={Object.keys(changed).length === 0}
          busy={send.isPending && 'Saving …'}
        >
          Save
        </Button>
      </div>
    </form>
  );
}

type NumberName =
  | 'idle_below_percent'
  | 'idle_for_minutes'
  | 'raw_retention_days'
  | 'packed_retention_months'
  | 'ai_usage_retention_days';
