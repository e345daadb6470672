import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../ui/button';
import { CheckField, NumberField, TextField } from '../ui/field';
import { Card } from '../ui/page';
import ui from '../ui/ui.module.css';
import { ChannelPicker } from './channel-picker';
import { InlineNumber } from './inline';
import type { Draft } from './rule';
import css from './rule.module.css';

interface Props {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly refused: (field: string) => string | undefined;
}

/** What happens after it fired: how often somebody is told, and who else when nobody looks after it. */
export function RuleMore({ draft, onChange, refused }: Props) {
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  return (
    <Card title="After it fired" padded>
      <div className={css['more']}>
        <Escalation steps={draft.escalation} onChange={(escalation) => set({ escalation })} />
        {refused('escalation') && <p className={ui['fault']}>{refused('escalation')}</p>}
        <div className={css['pair']}>
          <NumberField
            label="Cooldown"
            unit="minutes"
            min={0}
            max={10_080}
            hint="Between two notifications about the same instance"
            value={draft.cooldown_minutes}
            error={refused('cooldown_minutes')}
            onChange={(minutes) => set({ cooldown_minutes: minutes ?? 0 })}
          />
          <TextField
            label="Type"
            hint="What channels choose by; empty: by the metric"
            spellCheck={false}
            value={draft.alert_type ?? ''}
            error={refused('alert_type')}
            onChange={(type) => {
              const { alert_type: _, ...rest } = draft;
              onChange(type === '' ? rest : { ...rest, alert_type: type });
            }}
          />
        </div>
        <CheckField
          label="Group"
          hint="One notification for all instances that begin to fire in the same minute"
          checked={draft.group_notifications}
          onChange={(group) => set({ group_notifications: group })}
        />
      </div>
    </Card>
  );
}

interface StepsProps {
  readonly steps: Draft['escalation'];
  readonly onChange: (steps: Draft['escalation']) => void;
}

/** Who else is told, and when, as long as nobody acknowledges. */
export function Escalation({ steps, onChange }: StepsProps) {
  const replace = (at: number, change: Partial<Draft['escalation'][number]>) =>
    onChange(steps.map((step, i) => (i === at ? { ...step, ...change } : step)));
  const add = () =>
    onChange([...steps, { after_minutes: (steps.at(-1)?.after_minutes ?? 0) + 15, notification_channel_ids: [] }]);
  return (
    <fieldset className={css['steps']}>
      <legend>Escalation</legend>
      {steps.length === 0 && <p className={ui['hint']}>Nobody else is told when nobody acknowledges.</p>}
      <ol>
        {steps.map((step, at) => (
          // a step has nothing by which to tell it from another
          <li key={at}>
            <span>
              If nobody acknowledges within{' '}
              <InlineNumber
                label={`Minutes of step ${at + 1}`}
                value={step.after_minutes}
                min={1}
                max={10_080}
                whole
                bad={at > 0 && step.after_minutes <= steps[at - 1]!.after_minutes}
                onChange={(minutes) => replace(at, { after_minutes: minutes ?? 1 })}
              />{' '}
              minutes, tell{' '}
              <ChannelPicker
                label={`Who is told in step ${at + 1}`}
                chosen={step.notification_channel_ids}
                onChoose={(ids) => replace(at, { notification_channel_ids: ids ?? [] })}
              />
            </span>
            <IconButton label={`Remove step ${at + 1}`} onClick={() => onChange(steps.filter((_, i) => i !== at))}>
              <X size={15} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ol>
      {steps.length < 10 && (
        <Button onClick={add}>
          <Plus size={15} aria-hidden /> Add a step
        </Button>
      )}
    </fieldset>
  );
}
