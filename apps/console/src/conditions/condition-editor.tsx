import { FolderPlus, Plus, Settings2, Trash2 } from 'lucide-react';
import { Fragment, useState } from 'react';
import { Button, IconButton } from '../ui/button';
import { Select } from '../ui/field';
import ui from '../ui/ui.module.css';
import css from './conditions.module.css';
import { metricGroups } from './metrics';
import type { Metrics } from './metrics';
import { addTo, isGroup, nodeAt, removeAt, replaceAt, withOperator } from './tree';
import type { Comparison, Condition, GroupOperator, Path } from './tree';
import { COMPARISONS, comparisonWords, metricWords, unitWords } from './words';

interface Props {
  /** Its root is a group: see forEditing. */
  readonly tree: Condition;
  readonly onChange: (tree: Condition) => void;
  readonly metrics: Metrics;
  readonly currency: string;
  /** What the API found wrong, by the path of the node: "0.1". */
  readonly faults?: ReadonlyMap<string, string>;
  readonly disabled?: boolean;
}

const OPERATORS: readonly (readonly [GroupOperator, string])[] = [
  ['AND', 'All of these'],
  ['OR', 'Any of these'],
  ['NOT', 'Not this'],
];
const JOINED: Readonly<Record<string, string>> = { AND: 'and', OR: 'or' };
const FRESH: Condition = { metric: 'gpu_utilization', operator: 'lt', threshold: 5, duration: 30 };
/** The API takes 32 levels of JSON; nobody reads more than a few. */
const DEEPEST = 5;

/** Nested conditions: groups of "all of", "any of" and "not", and comparisons in the unit of their metric. */
export function ConditionEditor(props: Props) {
  return <Group {...props} path={[]} />;
}

function Group({ path, ...props }: Props & { readonly path: Path }) {
  const { tree, onChange, disabled = false } = props;
  const group = nodeAt(tree, path);
  const rules = group.rules ?? [];
  const depth = path.length;
  return (
    <fieldset
      className={`${css['group']} ${depth > 0 ? css['nested'] : ''}`}
      data-operator={group.operator}
      disabled={disabled}
    >
      <legend className="visually-hidden">
        {depth === 0 ? 'Conditions' : `Group ${path.map((n) => n + 1).join('.')}`}
      </legend>
      <div className={css['groupHead']}>
        <Select
          label={depth === 0 ? 'How the conditions combine' : 'How the conditions of this group combine'}
          value={group.operator as GroupOperator}
          options={OPERATORS}
          onChange={(operator) => onChange(withOperator(tree, path, operator))}
        />
        {depth > 0 && (
          <IconButton label="Remove this group" onClick={() => onChange(removeAt(tree, path))}>
            <Trash2 size={15} aria-hidden />
          </IconButton>
        )}
      </div>
      {rules.map((rule, place) => {
        const at = [...path, place];
        return (
          // a rule has no name of its own: its place is what it is known by
          <Fragment key={place}>
            {place > 0 && <span className={css['joined']}>{JOINED[group.operator] ?? 'and'}</span>}
            {isGroup(rule) ? <Group {...props} path={at} /> : <Leaf {...props} path={at} />}
          </Fragment>
        );
      })}
      <div className={css['add']}>
        <Button look="quiet" onClick={() => onChange(addTo(tree, path, FRESH))}>
          <Plus size={15} aria-hidden /> Condition
        </Button>
        {depth < DEEPEST && (
          <Button
            look="quiet"
            onClick={() =>
              onChange(addTo(tree, path, { operator: group.operator === 'AND' ? 'OR' : 'AND', rules: [FRESH] }))
            }
          >
            <FolderPlus size={15} aria-hidden /> Group
          </Button>
        )}
      </div>
    </fieldset>
  );
}

function Leaf({ tree, path, onChange, metrics, currency, faults }: Props & { readonly path: Path }) {
  const leaf = nodeAt(tree, path);
  const [more, setMore] = useState(false);
  const known = metrics.get(leaf.metric ?? '');
  const set = (changes: Partial<Condition>) => {
    const next = { ...leaf, ...changes };
    // what is left out has a meaning of its own: undefined must not be sent
    onChange(replaceAt(tree, path, JSON.parse(JSON.stringify(next)) as Condition));
  };
  const choose = (metric: string) => {
    const next = metrics.get(metric);
    // a price does not last; and what is no GPU's has no "of several GPUs"
    const lasts = next === undefined || next.source === 'collected';
    set({
      metric,
      ...(!lasts && { duration: undefined, statistic: undefined }),
      ...(next?.level !== 'gpu' && { across_gpus: undefined }),
    });
  };
  const fault = faults?.get(path.join('.'));
  const unit = unitWords(known?.unit, currency);
  const words = comparisonWords(leaf, metrics, currency);
  return (
    <div className={css['leaf']} data-invalid={fault !== undefined} role="group" aria-label={words}>
      <span className={css['metric']}>
        <select
          className={ui['input']}
          aria-label="Metric"
          title={known?.meaning}
          value={leaf.metric ?? ''}
          onChange={(event) => choose(event.target.value)}
        >
          {known === undefined && <option value={leaf.metric ?? ''}>{leaf.metric}</option>}
          {metricGroups(metrics).map(([title, of]) => (
            <optgroup key={title} label={title}>
              {of.map(({ name }) => (
                <option key={name} value={name}>
                  {metricWords(name)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </span>
      <Select
        label="Comparison"
        value={leaf.operator as Comparison}
        options={COMPARISONS}
        onChange={(operator) => set({ operator })}
      />
      <span className={css['number']}>
        <Number label="Threshold" step="any" value={leaf.threshold} onChange={(threshold) => set({ threshold })} />
        {unit && <span className={ui['hint']}>{unit}</span>}
      </span>
      {known?.level !== 'tenant' && known?.name !== 'idle_minutes' && (
        <span className={css['number']}>
          <span className={ui['hint']}>for</span>
          <Number
            label="Minutes that it has to hold"
            min={0}
            max={10_080}
            value={leaf.duration}
            onChange={(duration) => set({ duration })}
          />
          <span className={ui['hint']}>min</span>
        </span>
      )}
      {known?.level !== 'tenant' && (
        <IconButton label="More about this condition" aria-expanded={more} onClick={() => setMore(!more)}>
          <Settings2 size={15} aria-hidden />
        </IconButton>
      )}
      <IconButton label={`Remove: ${words}`} onClick={() => onChange(removeAt(tree, path))}>
        <Trash2 size={15} aria-hidden />
      </IconButton>
      {more && known?.level !== 'tenant' && <More leaf={leaf} isGpu={known?.level === 'gpu'} set={set} />}
      {fault !== undefined && (
        <span className={ui['fault']} style={{ flexBasis: '100%' }}>
          {fault}
        </span>
      )}
    </div>
  );
}

/** What is seldom changed: of several GPUs, of a minute, of gaps. */
function More({
  leaf,
  isGpu,
  set,
}: {
  readonly leaf: Condition;
  readonly isGpu: boolean;
  readonly set: (changes: Partial<Condition>) => void;
}) {
  const less = leaf.operator === 'lt' || leaf.operator === 'lte';
  return (
    <div className={css['more']}>
      {isGpu && (
        <label>
          Of several GPUs
          <Select
            label="Of several GPUs"
            value={leaf.across_gpus ?? ''}
            options={[
              ['', less ? 'all (usual)' : 'any (usual)'],
              ['all', 'all'],
              ['any', 'any'],
            ]}
            onChange={(value) => set({ across_gpus: value === '' ? undefined : value })}
          />
        </label>
      )}
      <label>
        Of each minute the
        <Select
          label="Of each minute the"
          value={leaf.statistic ?? ''}
          options={[
            ['', less ? 'highest (usual)' : 'mean (usual)'],
            ['max', 'highest'],
            ['avg', 'mean'],
            ['min', 'lowest'],
          ]}
          onChange={(value) => set({ statistic: value === '' ? undefined : value })}
        />
      </label>
      <label>
        A minute without data
        <Select
          label="A minute without data"
          value={leaf.missing_data ?? ''}
          options={[
            ['', 'begins anew (usual)'],
            ['breaks', 'begins anew'],
            ['ignored', 'is passed over'],
          ]}
          onChange={(value) => set({ missing_data: value === '' ? undefined : value })}
        />
      </label>
    </div>
  );
}

interface NumberProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | 'any';
}

function Number({ label, value, onChange, ...rest }: NumberProps) {
  return (
    <input
      className={ui['input']}
      type="number"
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.valueAsNumber)}
      {...rest}
    />
  );
}
