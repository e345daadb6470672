import { useState } from 'react';
import { api, sentenceOf, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { useTenant } from '../data/tenant';
import { Button } from '../ui/button';
import { CheckField, Field, fieldError, NumberField, SelectField, TextField } from '../ui/field';
import { Card } from '../ui/page';
import { ShowCurl } from '../ui/show-curl';
import { Failed, Loading } from '../ui/states';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { ZoneField } from '../ui/zone-field';
import css from './channels.module.css';
import { PRIORITIES } from './telling';
import { TemplateFields } from './template-fields';

type Policy = Schemas['NotificationPolicy'];
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const PATH = '/api/notifications/policy';

/** What holds for all channels: quiet hours, digests, from which severity on. */
export function PolicyForm() {
  const loaded = useLoad([PATH], () => api.GET(PATH), { refetchOnWindowFocus: false });
  if (loaded.isPending) return <Loading lines={6} />;
  if (loaded.isError) return <Failed error={loaded.error} retry={() => void loaded.refetch()} />;
  return <Editor policy={loaded.data.data} />;
}

function Editor({ policy }: { readonly policy: Policy }) {
  const [draft, setDraft] = useState(policy);
  const zone = useTenant()?.timezone ?? 'UTC';
  const may = useMay('admin');
  const save = useSend(() => api.PATCH(PATH, { body: draft }), [PATH]);
  const set = (change: Partial<Policy>) => setDraft({ ...draft, ...change });
  const refused = (field: string) => fieldError(save.error, field);
  const quiet = draft.quiet_hours;
  const changed = JSON.stringify(draft) !== JSON.stringify(policy);
  return (
    <form
      className={css['editor']}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, {
          onSuccess: ({ data }) => {
            setDraft(data);
            toast.say('It holds for all channels from now on.');
          },
        });
      }}
    >
      <Card title="Quiet hours" padded>
        <div className={css['form']}>
          <CheckField
            label="Nobody is told at night"
            hint="What fires in these hours waits until they end, and comes as a digest then"
            checked={quiet !== null}
            onChange={(on) =>
              set({
                quiet_hours: on
                  ? {
                      timezone: zone,
                      active_hours: { start: '22:00', end: '07:00' },
                      active_days: [1, 2, 3, 4, 5, 6, 7],
                    }
                  : null,
              })
            }
          />
          {quiet && (
            <>
              <div className={css['pair']}>
                <TextField
                  label="From"
                  type="time"
                  value={quiet.active_hours.start}
                  onChange={(start) =>
                    set({ quiet_hours: { ...quiet, active_hours: { ...quiet.active_hours, start } } })
                  }
                />
                <TextField
                  label="To"
                  type="time"
                  hint="May be on the next day"
                  value={quiet.active_hours.end === '24:00' ? '00:00' : quiet.active_hours.end}
                  onChange={(end) =>
                    set({
                      quiet_hours: {
                        ...quiet,
                        active_hours: { ...quiet.active_hours, end: end === '00:00' ? '24:00' : end },
                      },
                    })
                  }
                />
              </div>
              <fieldset className={css['types']}>
                <legend>Days on which they begin</legend>
                <div className={css['days']}>
                  {DAYS.map((name, i) => (
                    <CheckField
                      key={name}
                      label={name}
                      checked={quiet.active_days.includes(i + 1)}
                      onChange={(on) =>
                        set({
                          quiet_hours: {
                            ...quiet,
                            active_days: on
                              ? [...quiet.active_days, i + 1].sort((a, b) => a - b)
                              : quiet.active_days.filter((day) => day !== i + 1),
                          },
                        })
                      }
                    />
                  ))}
                </div>
              </fieldset>
              <ZoneField
                value={quiet.timezone}
                error={refused('quiet_hours.timezone')}
                onChange={(timezone) => set({ quiet_hours: { ...quiet, timezone } })}
              />
              <CheckField
                label="Critical alerts do not wait"
                checked={draft.critical_passes_quiet_hours}
                onChange={(pass) => set({ critical_passes_quiet_hours: pass })}
              />
            </>
          )}
        </div>
      </Card>
      <Card title="What is told, and how" padded>
        <div className={css['form']}>
          <SelectField
            label="Severity"
            hint="What is less urgent goes only to channels that a rule names"
            value={draft.min_priority}
            options={PRIORITIES}
            onChange={(priority) => set({ min_priority: priority })}
          />
          <div className={css['pair']}>
            <SelectField
              label="Digest"
              hint="Of channels that do not say otherwise"
              value={draft.digest_mode}
              options={[
                ['instant', 'each by itself, at once'],
                ['batched', 'gathered, and told as one'],
              ]}
              onChange={(mode) => set({ digest_mode: mode })}
            />
            <NumberField
              label="Gathered for"
              unit="minutes"
              min={1}
              max={1_440}
              value={draft.digest_interval_minutes}
              error={refused('digest_interval_minutes')}
              onChange={(minutes) => set({ digest_interval_minutes: minutes ?? 30 })}
            />
          </div>
          <Domains
            domains={draft.email_domains}
            error={refused('email_domains') ?? refused('email_domains.0')}
            onChange={(domains) => set({ email_domains: domains })}
          />
          <TemplateFields
            template={draft.template}
            error={refused('template')}
            onChange={(template) => set({ template })}
          />
          {save.isError && (
            <p className={ui['fault']} role="alert">
              {sentenceOf(save.error)}
            </p>
          )}
          <div className={css['buttons']}>
            <Button
              type="submit"
              look="primary"
              disabled={!may || !changed || quiet?.active_days.length === 0}
              busy={save.isPending && 'Saving …'}
            >
              Save for all channels
            </Button>
            <ShowCurl method="PATCH" path={PATH} body={draft} />
          </div>
        </div>
      </Card>
    </form>
  );
}

interface DomainsProps {
  /** null: any that the installation allows */
  readonly domains: readonly string[] | null;
  readonly error: string | undefined;
  readonly onChange: (domains: string[] | null) => void;
}

function Domains({ domains, error, onChange }: DomainsProps) {
  const [text, setText] = useState((domains ?? []).join(', '));
  return (
    <Field
      label="E-mail goes only to these domains"
      hint="Separated by commas; empty: to any that the installation allows"
      error={error}
    >
      {(props) => (
        <input
          {...props}
          className={ui['input']}
          placeholder="example.com"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            const list = event.target.value.split(/[\s,;]+/).filter(Boolean);
            onChange(list.length === 0 ? null : list);
          }}
        />
      )}
    </Field>
  );
}
