import { Link } from 'wouter';
import { useTenant } from '../data/tenant';
import { Time } from '../ui/time';
import css from './alert-pane.module.css';
import { asWords, readEvidence, withUnit } from './evidence';
import type { EvidenceGpu } from './evidence';
import type { Alert } from './use-inbox';

const OPERATORS: Readonly<Record<string, string>> = {
  gt: 'above',
  gte: 'at or above',
  lt: 'below',
  lte: 'at or below',
  eq: 'equal to',
  not_eq: 'other than',
};

export function AlertEvidence({ alert }: { readonly alert: Alert }) {
  const currency = useTenant()?.currency ?? '';
  const { lines, gpus, compared } = readEvidence(alert.evidence);
  return (
    <>
      {compared && (
        <p className={css['compared']}>
          <strong>{withUnit(compared.value, compared.unit, currency)}</strong>
          <span>
            {asWords(compared.metric)} {OPERATORS[compared.operator] ?? compared.operator}{' '}
            {withUnit(compared.threshold, compared.unit, currency)}
          </span>
        </p>
      )}
      {compared && gpus.length > 1 && (
        <GpuBars gpus={gpus} threshold={compared.threshold} unit={compared.unit} above={/^g/.test(compared.operator)} />
      )}
      <dl className={css['facts']}>
        {alert.instance && (
          <div>
            <dt>Instance</dt>
            <dd>
              <Link href={`/instances/${alert.instance.id}`} className="name">
                {alert.instance.name ?? alert.instance.instance_id}
              </Link>{' '}
              · <Link href={`/alerts?view=all&instance=${alert.instance.id}`}>all its alerts</Link>
            </dd>
          </div>
        )}
        {alert.rule_id !== null && (
          <div>
            <dt>Rule</dt>
            <dd>
              <Link href={`/alert-rules/${alert.rule_id}`} className="name">
                {alert.rule_name ?? `rule ${alert.rule_id}`}
              </Link>
            </dd>
          </div>
        )}
        {alert.built_in !== null && (
          <div>
            <dt>Built-in rule</dt>
            <dd>
              <Link href={`/alert-rules?tab=built-in&rule=${alert.built_in}`}>{asWords(alert.built_in)}</Link>
            </dd>
          </div>
        )}
        {!alert.instance && (
          <div>
            <dt>About</dt>
            <dd className="name">
              {asWords(alert.subject.type)} <bdi>{alert.subject.label}</bdi>
            </dd>
          </div>
        )}
        {lines.map(({ label, value, at }) => (
          <div key={label}>
            <dt className="name">{label}</dt>
            <dd className="name">{at ? <Time at={at} /> : value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

interface BarsProps {
  readonly gpus: readonly EvidenceGpu[];
  readonly threshold: number;
  readonly unit: string;
  /** It fires above the threshold. */
  readonly above: boolean;
}

/** Each GPU against the threshold; what met the condition is drawn strong, and says so. */
function GpuBars({ gpus, threshold, unit, above }: BarsProps) {
  const most = Math.max(threshold, ...gpus.map(({ value }) => value ?? 0), unit === 'percent' ? 100 : 0) || 1;
  return (
    <ol className={css['gpuBars']} aria-label="Each GPU">
      {gpus.map(({ index, uuid, value }, i) => {
        const met = value !== null && (above ? value >= threshold : value <= threshold);
        return (
          <li key={uuid} title={uuid} data-met={met}>
            <span>GPU {index ?? i}</span>
            <span className={css['gpuTrack']} aria-hidden>
              {value !== null && <span style={{ width: `${Math.max(0, Math.min(100, (value / most) * 100))}%` }} />}
              <i style={{ left: `${Math.min(100, (threshold / most) * 100)}%` }} />
            </span>
            <span className={css['gpuValue']}>{withUnit(value, unit)}</span>
          </li>
        );
      })}
    </ol>
  );
}
