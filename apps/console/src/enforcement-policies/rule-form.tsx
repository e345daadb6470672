import { ConditionEditor } from '../conditions/condition-editor';
import type { Metrics } from '../conditions/metrics';
import { forEditing } from '../conditions/tree';
import { Field, NumberField, SelectField, TextField, fieldError } from '../ui/field';
import { Card } from '../ui/page';
import ui from '../ui/ui.module.css';
import { ActionsField } from './actions-field';
import { acts } from './draft';
import type { Draft } from './draft';
import { faultsOfConditions } from './faults';
import { ModeField } from './mode-field';
import css from './policies.module.css';
import { ScheduleField } from './schedule-field';
import { ScopeField } from './scope-field';
import { TagsField } from './tags-field';

interface Props {
  readonly draft: Draft;
  readonly onChange: (changes: Partial<Draft>) => void;
  readonly metrics: Metrics;
  readonly currency: string;
  /** What the API said of the last save. */
  readonly error: unknown;
}

/** Everything that a policy is, in the order in which people think of it. */
export function RuleForm({ draft, onChange, metrics, currency, error }: Props) {
  return (
    <>
      <Card title="When" hint="What has to hold, minute by minute, on data that is there" padded>
        <ConditionEditor
          tree={forEditing(draft.conditions)}
          onChange={(conditions) => onChange({ conditions })}
          metrics={metrics}
          currency={currency}
          faults={faultsOfConditions(error, draft.conditions)}
        />
      </Card>
      <Card title="Then" hint="What it does, in this order" padded>
        <ActionsField actions={draft.actions} onChange={(actions) => onChange({ actions })} />
        {fieldError(error, 'actions') !== undefined && <p className={ui['fault']}>{fieldError(error, 'actions')}</p>}
      </Card>
      {acts(draft) && (
        <Card title="Who decides" padded>
          <ModeField
            draft={draft}
            value={draft.execution_mode}
            onChange={(mode) => onChange({ execution_mode: mode })}
          />
        </Card>
      )}
      <Card title="Which instances" padded>
        <ScopeField draft={draft} onChange={onChange} error={error} />
        <div className={ui['field']} style={{ marginTop: 14 }}>
          <b>Never one with</b>
          <TagsField
            label="Protection"
            tags={draft.protect_tags}
            onChange={(tags) => onChange({ protect_tags: tags })}
          />
          <span className={ui['hint']}>The protection tags of the tenant come on top.</span>
        </div>
      </Card>
      <Card title="At which times" padded>
        <ScheduleField
          schedule={draft.schedule}
          onChange={(schedule) => onChange({ schedule })}
          error={fieldError(error, 'schedule.timezone') ?? fieldError(error, 'schedule.active_days')}
        />
      </Card>
      <Card title="How much at most" hint="Whatever the conditions say" padded>
        <div className={css['fields']}>
          <NumberField
            label="At once"
            unit="% of the running fleet"
            min={1}
            max={100}
            value={draft.cap_per_run_percent}
            error={fieldError(error, 'cap_per_run_percent')}
            onChange={(percent) => onChange({ cap_per_run_percent: percent ?? 25 })}
          />
          <NumberField
            label="Within a day"
            unit="%, all policies together"
            min={1}
            max={100}
            value={draft.cap_per_day_percent}
            error={fieldError(error, 'cap_per_day_percent')}
            onChange={(percent) => onChange({ cap_per_day_percent: percent ?? 50 })}
          />
          <NumberField
            label="The same instance again after"
            unit="min"
            min={0}
            max={10_080}
            value={draft.cooldown_minutes}
            error={fieldError(error, 'cooldown_minutes')}
            onChange={(minutes) => onChange({ cooldown_minutes: minutes ?? 0 })}
          />
        </div>
      </Card>
      <Card title="Name" padded>
        <div className={css['fields']}>
          <TextField
            label="Name"
            required
            maxLength={200}
            value={draft.policy_name}
            error={fieldError(error, 'policy_name')}
            onChange={(name) => onChange({ policy_name: name })}
          />
          <SelectField
            label="Severity of its alerts"
            value={draft.severity}
            options={[
              ['low', 'Low'],
              ['medium', 'Medium'],
              ['high', 'High'],
              ['critical', 'Critical'],
            ]}
            onChange={(severity) => onChange({ severity })}
          />
          <TextField
            label="Type"
            hint="A word to group policies by."
            value={draft.policy_type}
            error={fieldError(error, 'policy_type')}
            onChange={(type) => onChange({ policy_type: type.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_') })}
          />
        </div>
        <div style={{ marginTop: 14 }}>
          <Field label="Description" error={fieldError(error, 'description')}>
            {(props) => (
              <textarea
                className={ui['input']}
                rows={2}
                maxLength={2000}
                value={draft.description ?? ''}
                onChange={(event) => onChange({ description: event.target.value })}
                {...props}
              />
            )}
          </Field>
        </div>
      </Card>
    </>
  );
}
