import { Plus, X } from 'lucide-react';
import { useId } from 'react';
import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import { Button, IconButton } from '../ui/button';
import { Select } from '../ui/field';
import ui from '../ui/ui.module.css';
import { BASES } from './budget';
import css from './budgets.module.css';
import { thresholdFault } from './draft';
import type { Draft } from './draft';

const MOST = 20;
const TYPES = ['budget_threshold', 'budget_exceeded'];

interface Props {
  readonly thresholds: Draft['thresholds'];
  readonly onChange: (thresholds: Draft['thresholds']) => void;
}

/** When it tells: each once in a period. */
export function ThresholdFields({ thresholds, onChange }: Props) {
  const change = (at: number, to: Partial<Draft['thresholds'][number]>) =>
    onChange(thresholds.map((one, index) => (index === at ? { ...one, ...to } : one)));
  const id = useId();
  const fault = (at: number) => thresholdFault(thresholds[at]!);
  return (
    <fieldset className={css['fieldset']}>
      <legend>Tell when</legend>
      {thresholds.map(({ basis, percent }, index) => (
        // they have no name of their own, and are only added at the end
        <div key={index} className={css['threshold']}>
          <input
            className={ui['input']}
            type="number"
            min={1}
            max={10_000}
            step="any"
            required
            aria-label={`Threshold ${index + 1}: percent of the limit`}
            aria-invalid={fault(index) !== undefined || undefined}
            aria-describedby={fault(index) === undefined ? undefined : `${id}-${index}`}
            value={Number.isNaN(percent) ? '' : percent}
            onChange={(event) => change(index, { percent: event.target.valueAsNumber })}
          />
          <span aria-hidden>% of the limit:</span>
          <Select
            label={`Threshold ${index + 1}: of what`}
            value={basis}
            options={BASES}
            onChange={(to) => change(index, { basis: to })}
          />
          <IconButton
            label={`Take threshold ${index + 1} away`}
            onClick={() => onChange(thresholds.filter((_, at) => at !== index))}
          >
            <X size={15} aria-hidden />
          </IconButton>
          {fault(index) !== undefined && (
            <span id={`${id}-${index}`} className={`${ui['fault']} ${css['thresholdFault']}`} role="alert">
              {fault(index)}
            </span>
          )}
        </div>
      ))}
      <span>
        <Button
          disabled={thresholds.length >= MOST}
          onClick={() => onChange([...thresholds, { basis: 'actual', percent: 50 }])}
        >
          <Plus size={15} aria-hidden /> Add a threshold
        </Button>
      </span>
      <Told />
    </fieldset>
  );
}

/** Who hears of it: channels choose what they take, so that is told here and changed there. */
export function Told() {
  const list = useLoad(['/api/notification-channels', 'all'], () =>
    api.GET('/api/notification-channels', { params: { query: { limit: 200 } } }),
  );
  if (!list.isSuccess) return null;
  const taking = list.data.data.filter(
    ({ enabled, alert_types: types }) => enabled && (types.length === 0 || TYPES.some((type) => types.includes(type))),
  );
  return (
    <p className={ui['hint']}>
      {taking.length === 0 ? (
        <>It becomes an alert in the inbox. No channel that is switched on takes budget alerts: </>
      ) : (
        <>
          It becomes an alert in the inbox, and goes to{' '}
          {taking.map(({ id, name }, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <bdi>{name}</bdi>
            </span>
          ))}
          :{' '}
        </>
      )}
      <Link href="/notification-channels">channels</Link>
    </p>
  );
}
