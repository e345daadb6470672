import { useId } from 'react';
import { api, useLoad } from '../data/api';
import { Field, SelectField, TextField } from '../ui/field';
import { money } from '../ui/format';
import ui from '../ui/ui.module.css';
import { SCOPES } from './budget';
import css from './budgets.module.css';
import type { Draft } from './draft';

const DAYS = 90;
const BY: Readonly<Partial<Record<Draft['scope'], string>>> = {
  service: 'service',
  provider: 'provider',
  account: 'account',
  instance: 'instance',
  team: 'tag:team',
};

interface Props {
  readonly draft: Draft;
  readonly set: (change: Partial<Draft>) => void;
  readonly error: string | undefined;
}

/** Which cost it is over; what there was lately is offered, anything else can be written. */
export function ScopeFields({ draft, set, error }: Props) {
  const list = useId();
  const { scope, tagKey } = draft;
  const by = scope === 'tag' ? (tagKey ? `tag:${tagKey}` : undefined) : BY[scope];
  const keys = useLoad(
    ['/api/costs/tag-keys', DAYS],
    () => api.GET('/api/costs/tag-keys', { params: { query: { days: DAYS } } }),
    { enabled: scope === 'tag' },
  );
  const seen = useLoad(
    ['/api/costs/breakdown', by, DAYS],
    () => api.GET('/api/costs/breakdown', { params: { query: { by: by!, days: DAYS, limit: 200 } } }),
    { enabled: by !== undefined, retry: false },
  );
  const currency = seen.data?.data.currency ?? draft.currency;
  const offered = (seen.data?.data.groups ?? []).filter((group) => group.value !== null);
  const chosen = offered.find(({ value }) => value === draft.value);
  return (
    <div className={css['pair']}>
      <SelectField
        label="Over"
        value={scope}
        options={SCOPES}
        onChange={(to) => set({ scope: to, value: '', tagKey: '' })}
      />
      {scope === 'tag' && (
        <SelectField
          label="Tag"
          value={tagKey}
          options={[
            ['', 'Choose …'],
            ...(keys.data?.data.keys ?? []).map(({ tag_key: key }) => [key, key] as const),
            ...(tagKey !== '' && !keys.data?.data.keys.some(({ tag_key: key }) => key === tagKey)
              ? [[tagKey, tagKey] as const]
              : []),
          ]}
          onChange={(to) => set({ tagKey: to, value: '' })}
        />
      )}
      {scope === 'model' && (
        <TextField
          label="Model"
          placeholder="openai/gpt-4o*"
          hint="provider/model; * at the end for all that begin so"
          value={draft.value}
          error={error}
          onChange={(value) => set({ value })}
        />
      )}
      {by !== undefined && (
        <Field
          label={scope === 'tag' ? 'Its value' : 'Which'}
          error={error}
          hint={chosen && `${money(chosen.total_cost, currency)} in the last ${DAYS} days`}
        >
          {(props) => (
            <>
              <input
                className={ui['input']}
                list={list}
                autoComplete="off"
                value={draft.value}
                onChange={(event) => set({ value: event.target.value })}
                {...props}
              />
              <datalist id={list}>
                {offered.map(({ value, name }) => (
                  <option key={value} value={value!}>
                    {name ?? value}
                  </option>
                ))}
              </datalist>
            </>
          )}
        </Field>
      )}
    </div>
  );
}
