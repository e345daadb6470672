import { InstancePicker } from '../alerts/instance-picker';
import { asWords } from '../alerts/evidence';
import { SEVERITIES } from '../alerts/severity';
import { ChannelPicker } from './channel-picker';
import { InlineNumber, InlineSelect, InlineText } from './inline';
import { grouped } from './metrics';
import type { Metrics } from './metrics';
import { acrossOf, isLess, OPERATORS, problemOf, withMetric, withOperator, withScope } from './rule';
import type { Draft } from './rule';
import css from './sentence.module.css';
import { useTags } from './use-tags';

interface Props {
  readonly draft: Draft;
  readonly metrics: Metrics;
  readonly onChange: (draft: Draft) => void;
  /** What the API refused, by field. */
  readonly refused: (field: string) => string | undefined;
}

/** The rule as a sentence; each word that can be another one is a control. */
export function Sentence({ draft, metrics, onChange, refused }: Props) {
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  const metric = metrics.of(draft.metric);
  const unit = metrics.unit(draft.metric);
  const problem = problemOf(draft)?.field;
  const bad = (field: string) => problem === field || refused(field) !== undefined;
  const sided = draft.operator !== 'eq' && draft.operator !== 'not_eq';
  return (
    <div className={css['sentence']} role="group" aria-label="The rule as a sentence">
      <p>
        When{' '}
        <select
          className={css['blank']}
          aria-label="Metric"
          aria-invalid={bad('metric') || undefined}
          value={draft.metric}
          onChange={(event) => onChange(withMetric(draft, metrics.of(event.target.value)!))}
        >
          {!metric && <option value={draft.metric}>{draft.metric}</option>}
          {grouped(metrics.all).map(([title, some]) => (
            <optgroup key={title} label={title}>
              {some.map(({ name }) => (
                <option key={name} value={name}>
                  {asWords(name)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>{' '}
        {metric?.level === 'gpu' && (
          <>
            of{' '}
            <InlineSelect
              label="Which GPUs of an instance"
              value={acrossOf(draft)}
              options={[
                ['any', 'any GPU'],
                ['all', 'all GPUs'],
              ]}
              onChange={(across) => set({ across_gpus: across })}
            />{' '}
          </>
        )}
        is{' '}
        <InlineSelect
          label="Comparison"
          value={draft.operator}
          options={OPERATORS}
          onChange={(operator) => onChange(withOperator(draft, operator))}
        />{' '}
        <InlineNumber
          label={`Threshold${unit ? ` in ${unit}` : ''}`}
          value={draft.threshold}
          bad={bad('threshold')}
          onChange={(threshold) => set({ threshold: threshold ?? Number.NaN })}
        />{' '}
        {unit}
        {metric?.level !== 'tenant' && (
          <>
            {' '}
            on <Scope draft={draft} onChange={onChange} bad={bad} />
          </>
        )}{' '}
        for{' '}
        <InlineNumber
          label="Minutes that it has to hold"
          value={draft.duration_minutes}
          min={0}
          max={1_440}
          whole
          bad={bad('duration_minutes')}
          onChange={(minutes) => set({ duration_minutes: minutes ?? 0 })}
        />{' '}
        minutes,
      </p>
      <p>
        then raise a{' '}
        <InlineSelect
          label="Severity"
          value={draft.severity}
          options={SEVERITIES.map((one) => [one, one] as const)}
          onChange={(severity) => set({ severity })}
        />{' '}
        alert and tell{' '}
        <ChannelPicker
          label="Who is told"
          orAll
          chosen={draft.notification_channel_ids}
          onChoose={(ids) => set({ notification_channel_ids: ids })}
        />
        .
      </p>
      <p>
        It is over{' '}
        {sided && (
          <>
            once it is {isLess(draft.operator) ? 'above' : 'below'}{' '}
            <InlineNumber
              label="Recovery threshold; empty: the threshold itself"
              value={draft.recovery_threshold}
              placeholder={String(Number.isFinite(draft.threshold) ? draft.threshold : '')}
              bad={bad('recovery_threshold')}
              onChange={(recovery) => set({ recovery_threshold: recovery })}
            />{' '}
            {unit}{' '}
          </>
        )}
        {sided ? 'for' : 'once it has not held for'}{' '}
        <InlineNumber
          label="Minutes that it has to be over"
          value={draft.keep_firing_minutes}
          min={0}
          max={1_440}
          whole
          onChange={(minutes) => set({ keep_firing_minutes: minutes ?? 0 })}
        />{' '}
        minutes. A minute without data{' '}
        <InlineSelect
          label="Missing data"
          value={draft.missing_data}
          options={[
            ['breaks', 'begins the wait anew'],
            ['ignored', 'is passed over'],
          ]}
          onChange={(missing) => set({ missing_data: missing })}
        />{' '}
        and never counts.
      </p>
    </div>
  );
}

function Scope({ draft, onChange, bad }: Pick<Props, 'draft' | 'onChange'> & { bad: (field: string) => boolean }) {
  const tags = useTags();
  const filter = draft.scope_filter;
  const ids = (filter.instance_ids ?? []).map(Number).filter(Number.isFinite);
  return (
    <>
      <InlineSelect
        label="Which instances"
        value={draft.scope}
        options={[
          ['all', 'all instances'],
          ['tagged', 'instances with the tag'],
          ['specific_instance', 'these instances:'],
        ]}
        onChange={(scope) => onChange(withScope(draft, scope))}
      />
      {draft.scope === 'tagged' && (
        <>
          {' '}
          <InlineText
            label="Key of the tag"
            placeholder="key"
            known={tags.keys}
            bad={bad('scope_filter.tag_key')}
            value={filter.tag_key ?? ''}
            onChange={(key) => onChange({ ...draft, scope_filter: { ...filter, tag_key: key } })}
          />{' '}
          ={' '}
          <InlineText
            label="Value of the tag; empty: any"
            placeholder="any value"
            known={tags.valuesOf(filter.tag_key ?? '')}
            value={filter.tag_value ?? ''}
            onChange={(value) =>
              onChange({
                ...draft,
                scope_filter: {
                  ...(filter.tag_key !== undefined && { tag_key: filter.tag_key }),
                  ...(value && { tag_value: value }),
                },
              })
            }
          />
        </>
      )}
      {draft.scope === 'specific_instance' && (
        <>
          {' '}
          <InstancePicker
            label="Choose instances"
            className={css['blank']}
            chosen={ids}
            onChoose={(chosen) =>
              onChange({ ...draft, scope_filter: chosen.length > 0 ? { instance_ids: chosen } : {} })
            }
          />
        </>
      )}
    </>
  );
}
