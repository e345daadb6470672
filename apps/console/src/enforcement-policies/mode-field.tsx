import { useId } from 'react';
import { stops } from './draft';
import type { Draft } from './draft';
import css from './policies.module.css';

type Mode = Draft['execution_mode'];

interface Props {
  readonly draft: Pick<Draft, 'actions'>;
  readonly value: Mode;
  readonly onChange: (mode: Mode) => void;
  /** To arm a policy that only tells is another policy. */
  readonly without?: Mode;
}

/** Whether a person is asked before something is stopped or started. */
export function ModeField({ draft, value, onChange, without }: Props) {
  const name = useId();
  const deed = stops(draft) ? 'stop' : 'start';
  const modes: readonly (readonly [Mode, string, string])[] = [
    [
      'approval_required',
      'Ask a person',
      `Each ${deed} waits under Actions until somebody approves it. The usual way to begin.`,
    ],
    ['automatic', 'Act by itself', `Each ${deed} goes out at once, through the safe-stop gate and the caps.`],
    ['notify_only', 'Only tell', `It says what it would do; nothing is ${deed === 'stop' ? 'stopped' : 'started'}.`],
  ];
  return (
    <fieldset className={css['choices']}>
      <legend className="visually-hidden">Who decides</legend>
      {modes
        .filter(([mode]) => mode !== without)
        .map(([mode, title, words]) => (
          <label key={mode} data-checked={mode === value}>
            <input type="radio" name={name} checked={mode === value} onChange={() => onChange(mode)} />
            <b>{title}</b>
            <span>{words}</span>
          </label>
        ))}
    </fieldset>
  );
}
