import { ArrowUp, Plus, Trash2 } from 'lucide-react';
import { api, useLoad } from '../data/api';
import { Button, IconButton } from '../ui/button';
import { CheckField, NumberField, SelectField, TextField } from '../ui/field';
import ui from '../ui/ui.module.css';
import { isPower, isStop } from './draft';
import type { PolicyAction } from './draft';
import css from './policies.module.css';
import { TagsField } from './tags-field';

type Kind = 'stop_instances' | 'scale_down_instances' | 'start_instances' | 'tag_instances' | 'notify';

const KINDS: readonly (readonly [Kind, string])[] = [
  ['stop_instances', 'Stop'],
  ['scale_down_instances', 'Stop a part of them'],
  ['start_instances', 'Start'],
  ['tag_instances', 'Tag'],
  ['notify', 'Tell somebody'],
];
const TARGETS = [
  ['', 'In no particular order'],
  ['lowest_utilization', 'The least used first'],
  ['longest_idle', 'The longest idle first'],
  ['most_expensive', 'The most expensive first'],
] as const;
const kindOf = ({ type }: PolicyAction): Kind => (type.startsWith('notify_') ? 'notify' : (type as Kind));
const fresh = (kind: Kind): PolicyAction => {
  if (kind === 'notify') return { type: 'notify_team' };
  if (kind === 'tag_instances') return { type: kind, tags: { idle: 'true' } };
  return kind === 'scale_down_instances'
    ? { type: kind, percentage: 25, target: 'lowest_utilization' }
    : { type: kind };
};

interface Props {
  readonly actions: readonly PolicyAction[];
  readonly onChange: (actions: PolicyAction[]) => void;
}

/** What a policy does, in its order. */
export function ActionsField({ actions, onChange }: Props) {
  const replace = (place: number, action: PolicyAction) =>
    onChange(actions.map((one, i) => (i === place ? action : one)));
  return (
    <div className={css['stack']} style={{ gap: 10 }}>
      <ol>
        {actions.map((action, place) => (
          <li key={place} className={css['action']}>
            <OneAction action={action} place={place} onChange={(next) => replace(place, next)} />
            <span className={css['row']} style={{ gap: 0, flexWrap: 'nowrap' }}>
              {place > 0 && (
                <IconButton
                  label={`Do action ${place + 1} earlier`}
                  onClick={() => {
                    const next = [...actions];
                    [next[place - 1], next[place]] = [next[place]!, next[place - 1]!];
                    onChange(next);
                  }}
                >
                  <ArrowUp size={15} aria-hidden />
                </IconButton>
              )}
              <IconButton
                label={`Remove action ${place + 1}`}
                disabled={actions.length === 1}
                onClick={() => onChange(actions.filter((_, i) => i !== place))}
              >
                <Trash2 size={15} aria-hidden />
              </IconButton>
            </span>
          </li>
        ))}
      </ol>
      {actions.length < 10 && (
        <span>
          <Button look="quiet" onClick={() => onChange([...actions, fresh('notify')])}>
            <Plus size={15} aria-hidden /> Do something else as well
          </Button>
        </span>
      )}
    </div>
  );
}

interface OneProps {
  readonly action: PolicyAction;
  readonly place: number;
  readonly onChange: (action: PolicyAction) => void;
}

function OneAction({ action, place, onChange }: OneProps) {
  const set = (changes: Partial<PolicyAction>) =>
    onChange(JSON.parse(JSON.stringify({ ...action, ...changes })) as PolicyAction);
  return (
    <div className={css['fields']}>
      <SelectField
        label={`Action ${place + 1}`}
        value={kindOf(action)}
        options={KINDS}
        onChange={(kind) => onChange(fresh(kind))}
      />
      {isPower(action) && (
        <>
          <NumberField
            label="Of those it may act on"
            unit="%"
            min={1}
            max={100}
            value={action.percentage ?? (action.type === 'scale_down_instances' ? 25 : 100)}
            onChange={(percentage) => set({ percentage: percentage ?? undefined })}
          />
          <SelectField
            label="Order"
            value={action.target ?? ''}
            options={TARGETS}
            onChange={(target) => set({ target: target === '' ? undefined : target })}
          />
        </>
      )}
      {isStop(action) && (
        <div style={{ gridColumn: '1 / -1' }}>
          <CheckField
            label="Also an instance that is at work"
            hint={
              action.only_when_idle === false
                ? 'The safe-stop gate is told to pass over its idleness checks: work that runs is lost.'
                : 'Left out: the safe-stop gate leaves alone what computes, holds a model or runs a job.'
            }
            checked={action.only_when_idle === false}
            onChange={(busyToo) => set({ only_when_idle: busyToo ? false : undefined })}
          />
        </div>
      )}
      {action.type === 'tag_instances' && (
        <div className={ui['field']}>
          <span>Tags to set</span>
          <TagsField
            label="Tags to set"
            tags={Object.entries(action.tags ?? {}).map(([key, value]) => ({ key, value }))}
            onChange={(tags) => set({ tags: Object.fromEntries(tags.map(({ key, value }) => [key, value ?? 'true'])) })}
          />
        </div>
      )}
      {kindOf(action) === 'notify' && <Notify action={action} set={set} />}
    </div>
  );
}

function Notify({
  action,
  set,
}: {
  readonly action: PolicyAction;
  readonly set: (changes: Partial<PolicyAction>) => void;
}) {
  const channels = useLoad(
    ['/api/notification-channels', 'names'],
    () => api.GET('/api/notification-channels', { params: { query: { limit: 100 } } }),
    { staleTime: 60_000 },
  ).data?.data;
  const chosen = action.channels ?? [];
  const word = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9_]+/g, '_')
      .slice(0, 48);
  return (
    <>
      <TextField
        label="Whom"
        hint="A word of yours: it stands in the alert that is raised."
        value={action.type.slice('notify_'.length)}
        onChange={(whom) => set({ type: `notify_${word(whom)}` })}
      />
      <TextField
        label="Message"
        placeholder="What the policy says by itself"
        value={action.message ?? ''}
        onChange={(message) => set({ message: message === '' ? undefined : message })}
      />
      <fieldset className={css['days']} style={{ gridColumn: '1 / -1' }}>
        <legend className={ui['hint']}>
          Channels{chosen.length === 0 && ': every channel that takes such alerts'}
        </legend>
        {[...new Set([...(channels ?? []).map(({ name }) => name), ...chosen.map(String)])].map((name) => {
          const checked = chosen.map(String).includes(name);
          return (
            <label key={name} data-checked={checked}>
              <input
                type="checkbox"
                checked={checked}
                onChange={() => {
                  const next = checked ? chosen.filter((one) => String(one) !== name) : [...chosen, name];
                  set({ channels: next.length === 0 ? undefined : next });
                }}
              />
              <bdi>{name}</bdi>
            </label>
          );
        })}
      </fieldset>
    </>
  );
}
