import { Check } from 'lucide-react';
import { Link } from 'wouter';
import type { Metrics } from '../conditions/metrics';
import { Card } from '../ui/page';
import { told } from '../ui/told';
import type { Draft } from './draft';
import css from './policies.module.css';
import { policyWords } from './sentence';

interface WordsProps {
  readonly draft: Draft;
  readonly metrics: Metrics;
  readonly currency: string;
}

/** What the policy will do, kept beside what is written. */
export function InWords({ draft, metrics, currency }: WordsProps) {
  const { when, then, who, limits } = policyWords(draft, metrics, currency);
  return (
    <Card title="In words" padded>
      <div className={css['stack']} style={{ gap: 10 }} aria-live="polite">
        <p className={`${css['lead']} name`}>
          {told(when)}: <b>{told(then)}</b>.
        </p>
        <ul className={css['words']}>
          {[who, ...limits].filter(Boolean).map((text) => (
            <li key={text} className="name">
              {told(text)}
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}

export interface Step {
  readonly title: string;
  readonly note: string;
  readonly done: boolean;
  readonly to?: string;
}

/** The way from an idea to a policy that acts. */
export function Steps({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <Card title="The way to armed" padded>
      <ol className={css['steps']}>
        {steps.map(({ title, note, done, to }, i) => (
          <li key={title} data-done={done}>
            <span className={css['stepMark']}>{done ? <Check size={12} aria-label="done" /> : i + 1}</span>
            <b>{to === undefined || done ? title : <Link href={to}>{title}</Link>}</b>
            <span>{note}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
