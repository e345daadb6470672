import { asWords } from '../alerts/evidence';
import { api, useLoad } from '../data/api';
import { CheckField, NumberField, SelectField } from '../ui/field';
import { Card } from '../ui/page';
import ui from '../ui/ui.module.css';
import type { Draft } from './channel-form';
import css from './channels.module.css';
import { TemplateFields } from './template-fields';

interface Props {
  readonly draft: Draft;
  /** The kind is told each alert by itself. */
  readonly each: boolean;
  readonly refused: (field: string) => string | undefined;
  readonly onChange: (draft: Draft) => void;
}

export const PRIORITIES = [
  ['low', 'low and up: all of them'],
  ['medium', 'medium and up'],
  ['high', 'high and up'],
  ['critical', 'critical alone'],
] as const;

/** What of all that fires goes there, and how. */
export function Telling({ draft, each, refused, onChange }: Props) {
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  return (
    <Card title="What it is told" padded>
      <div className={css['form']}>
        <Types chosen={draft.alert_types} onChoose={(types) => set({ alert_types: types })} />
        <div className={css['pair']}>
          <SelectField
            label="Severity"
            value={draft.min_priority}
            options={PRIORITIES}
            onChange={(priority) => set({ min_priority: priority })}
          />
          <NumberField
            label="At most"
            unit="messages a minute"
            min={1}
            max={600}
            value={draft.rate_per_minute}
            error={refused('rate_per_minute')}
            onChange={(rate) => set({ rate_per_minute: rate ?? 60 })}
          />
        </div>
        {each ? (
          <p className={ui['hint']}>It is told each alert by itself, so that it closes what ended: no digest.</p>
        ) : (
          <div className={css['pair']}>
            <SelectField
              label="Digest"
              value={draft.digest_mode ?? ''}
              options={[
                ['', 'as set for all channels'],
                ['instant', 'each by itself, at once'],
                ['batched', 'gathered, and told as one'],
              ]}
              onChange={(mode) => set({ digest_mode: mode === '' ? null : (mode as Draft['digest_mode']) })}
            />
            {draft.digest_mode === 'batched' && (
              <NumberField
                label="Gathered for"
                unit="minutes"
                min={1}
                max={1_440}
                value={draft.digest_interval_minutes}
                placeholder="as for all"
                error={refused('digest_interval_minutes')}
                onChange={(minutes) => set({ digest_interval_minutes: minutes })}
              />
            )}
          </div>
        )}
        <TemplateFields
          template={draft.template}
          error={refused('template') ?? refused('template.title') ?? refused('template.text')}
          onChange={(template) => set({ template })}
        />
      </div>
    </Card>
  );
}

/** Types that have fired, those of rules, and whatever was chosen. */
function Types({ chosen, onChoose }: { chosen: readonly string[]; onChoose: (types: readonly string[]) => void }) {
  const summary = useLoad(['/api/alerts/summary'], () => api.GET('/api/alerts/summary')).data?.data;
  const builtIn = useLoad(['/api/alert-rules/built-in'], () => api.GET('/api/alert-rules/built-in')).data?.data;
  const known = new Set([
    ...['metric_threshold', 'cost_threshold', 'budget_threshold'],
    ...Object.keys(summary?.by_type ?? {}),
    ...(builtIn?.map(({ key }) => key) ?? []),
    ...chosen,
  ]);
  return (
    <fieldset className={css['types']}>
      <legend>Types of alerts</legend>
      <CheckField
        label="Every type"
        checked={chosen.length === 0}
        onChange={(all) => onChoose(all ? [] : ['metric_threshold'])}
      />
      {chosen.length > 0 && (
        <div className={css['typeList']}>
          {[...known].sort().map((type) => (
            <CheckField
              key={type}
              label={asWords(type)}
              checked={chosen.includes(type)}
              onChange={(on) => onChoose(on ? [...chosen, type] : chosen.filter((one) => one !== type))}
            />
          ))}
        </div>
      )}
    </fieldset>
  );
}
