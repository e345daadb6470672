import { CircleCheck, OctagonAlert } from 'lucide-react';
import { sentenceOf } from '../data/api';
import type { Schemas } from '../data/api';
import { count } from '../ui/format';
import css from './channels.module.css';

interface Props {
  readonly result: Schemas['NotificationTest'] | undefined;
  readonly error: unknown;
}

/** What the other side said to a test. */
export function TestResult({ result, error }: Props) {
  if (!result && (error === null || error === undefined)) return null;
  const delivered = result?.delivered ?? false;
  const Icon = delivered ? CircleCheck : OctagonAlert;
  return (
    <div className={css['result']} data-delivered={delivered} role="status">
      <Icon size={18} aria-label={delivered ? 'It arrived:' : 'It did not arrive:'} />
      <span className="name">{result ? result.message : sentenceOf(error)}</span>
      {result && (
        <span className={css['quietText']}>
          {result.status_code !== null && `status ${result.status_code}, `}
          {count(result.duration_ms)} ms
        </span>
      )}
    </div>
  );
}
