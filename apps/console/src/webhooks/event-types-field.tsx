import { useMemo } from 'react';
import { api, useLoad } from '../data/api';
import { CheckField } from '../ui/field';
import { Loading } from '../ui/states';
import ui from '../ui/ui.module.css';
import css from './webhooks.module.css';

interface Props {
  /** `*`, `alert.*`, or types. */
  readonly chosen: readonly string[];
  readonly onChange: (chosen: string[]) => void;
  readonly error?: string | undefined;
}

export const useEventTypes = () =>
  useLoad(['/api/events', 'types'], () => api.GET('/api/events/types'), { staleTime: Infinity });

/** Every type of event with what it tells, by kind; a whole kind is one tick. */
export function EventTypesField({ chosen, onChange, error }: Props) {
  const types = useEventTypes();
  const groups = useMemo(() => {
    const of = new Map<string, { type: string; description: string }[]>();
    for (const one of types.data?.data ?? []) {
      const [kind = ''] = one.type.split('.');
      of.set(kind, [...(of.get(kind) ?? []), one]);
    }
    return [...of];
  }, [types.data]);
  if (types.isPending) return <Loading lines={4} />;
  const all = chosen.includes('*');
  const toggle = (pattern: string, on: boolean, within: readonly string[] = []) =>
    onChange(
      on ? [...chosen.filter((one) => !within.includes(one)), pattern] : chosen.filter((one) => one !== pattern),
    );
  return (
    <fieldset className={css['types']}>
      <legend>Events that are sent</legend>
      <CheckField
        label="Every event, also types that come later"
        checked={all}
        onChange={(on) => onChange(on ? ['*'] : [])}
      />
      {!all &&
        groups.map(([kind, of]) => {
          const whole = chosen.includes(`${kind}.*`);
          return (
            <details key={kind} open={of.some(({ type }) => chosen.includes(type))}>
              <summary>
                <b>{kind.replaceAll('_', ' ')}</b>{' '}
                <span className={ui['hint']}>
                  {whole ? 'all' : `${of.filter(({ type }) => chosen.includes(type)).length} of ${of.length}`}
                </span>
              </summary>
              <CheckField
                label={
                  <>
                    All of <code>{kind}.*</code>
                  </>
                }
                checked={whole}
                onChange={(on) =>
                  toggle(
                    `${kind}.*`,
                    on,
                    of.map(({ type }) => type),
                  )
                }
              />
              {!whole &&
                of.map(({ type, description }) => (
                  <CheckField
                    key={type}
                    label={<code>{type}</code>}
                    hint={description}
                    checked={chosen.includes(type)}
                    onChange={(on) => toggle(type, on)}
                  />
                ))}
            </details>
          );
        })}
      {error !== undefined && <span className={ui['fault']}>{error}</span>}
    </fieldset>
  );
}
