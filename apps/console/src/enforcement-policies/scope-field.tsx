import { X } from 'lucide-react';
import { useState } from 'react';
import { api, useLoad } from '../data/api';
import { SelectField, TextField, fieldError } from '../ui/field';
import ui from '../ui/ui.module.css';
import type { Draft } from './draft';
import css from './policies.module.css';

interface Props {
  readonly draft: Draft;
  readonly onChange: (changes: Partial<Draft>) => void;
  readonly error: unknown;
}

/** All instances, those with a tag, or some by name. */
export function ScopeField({ draft, onChange, error }: Props) {
  const { scope, scope_filter: filter } = draft;
  return (
    <div className={css['fields']}>
      <SelectField
        label="It looks at"
        value={scope}
        options={[
          ['all', 'All instances'],
          ['tagged', 'Instances with a tag'],
          ['specific_instance', 'Chosen instances'],
        ]}
        onChange={(to) => onChange({ scope: to, scope_filter: {} })}
      />
      {scope === 'tagged' && (
        <>
          <TextField
            label="Tag"
            value={filter.tag_key ?? ''}
            error={fieldError(error, 'scope_filter.tag_key')}
            onChange={(key) => onChange({ scope_filter: { ...filter, tag_key: key } })}
          />
          <TextField
            label="Value"
            placeholder="any"
            value={filter.tag_value ?? ''}
            onChange={(value) =>
              onChange({
                scope_filter: {
                  ...(filter.tag_key !== undefined && { tag_key: filter.tag_key }),
                  ...(value && { tag_value: value }),
                },
              })
            }
          />
        </>
      )}
      {scope === 'specific_instance' && (
        <Instances
          ids={filter.instance_ids ?? []}
          onChange={(ids) => onChange({ scope_filter: { instance_ids: ids } })}
        />
      )}
    </div>
  );
}

type Ids = readonly (number | string)[];

function Instances({ ids, onChange }: { readonly ids: Ids; readonly onChange: (ids: (number | string)[]) => void }) {
  const [text, setText] = useState('');
  const term = text.trim();
  const found = useLoad(
    ['/api/instances', 'scope', term],
    () => api.GET('/api/instances', { params: { query: { search: term, limit: 6 } } }),
    { enabled: term.length >= 2 },
  ).data?.data;
  const matches = (term.length >= 2 ? (found ?? []) : []).filter(({ id }) => !ids.map(String).includes(String(id)));
  return (
    <div className={ui['field']} style={{ gridColumn: '1 / -1' }}>
      <div className={css['chips']}>
        {ids.map((id) => (
          <Chosen key={id} id={id} remove={() => onChange(ids.filter((one) => one !== id))} />
        ))}
      </div>
      <input
        className={ui['input']}
        type="search"
        aria-label="Find an instance to add"
        placeholder="Name or id of an instance"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {matches.length > 0 && (
        <div className={css['days']}>
          {matches.map((one) => (
            <button
              key={one.id}
              type="button"
              className={ui['button']}
              onClick={() => {
                onChange([...ids, one.id]);
                setText('');
              }}
            >
              <bdi>{one.name ?? one.instance_id}</bdi>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function Chosen({ id, remove }: { readonly id: number | string; readonly remove: () => void }) {
  const one = useLoad(
    ['/api/instances/', String(id), 'name'],
    () => api.GET('/api/instances/{instanceId}', { params: { path: { instanceId: String(id) } } }),
    { staleTime: 300_000 },
  ).data?.data;
  const name = one ? (one.name ?? one.instance_id) : String(id);
  return (
    <span className={css['chip']}>
      <bdi>{name}</bdi>
      <button type="button" aria-label={`Remove ${name}`} onClick={remove}>
        <X size={13} aria-hidden />
      </button>
    </span>
  );
}
