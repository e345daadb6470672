import { useState } from 'react';
import { InstancePicker } from '../alerts/instance-picker';
import { api, sentenceOf, useLoad, useSend } from '../data/api';
import { useMay } from '../data/role';
import { useTenant } from '../data/tenant';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { Sheet } from '../ui/dialog';
import { CheckField, Field, fieldError, SelectField, TextField } from '../ui/field';
import { ShowCurl } from '../ui/show-curl';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { ZoneField } from '../ui/zone-field';
import css from './sheet.module.css';
import { RecurrenceFields } from './recurrence-fields';
import { bodyOf, draftOf, newDraft, problemOf } from './window-form';
import type { Draft } from './window-form';
import { spanWords } from './windows';
import type { Window } from './windows';

interface Props {
  /** undefined: a new one */
  readonly window: Window | undefined;
  readonly day: string;
  readonly onClose: () => void;
}

/** A window: made, changed, deleted; beside it when it would open. */
export function WindowSheet({ window, day, onClose }: Props) {
  const zone = useTenant()?.timezone ?? 'UTC';
  const [draft, setDraft] = useState<Draft>(() => (window ? draftOf(window) : newDraft(day, zone)));
  const [removing, setRemoving] = useState(false);
  const may = useMay('admin');
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const problem = problemOf(draft);
  const body = problem === undefined ? bodyOf(draft) : undefined;
  const save = useSend(
    () =>
      window
        ? api.PUT('/api/maintenance-windows/{id}', { params: { path: { id: window.id } }, body: bodyOf(draft) })
        : api.POST('/api/maintenance-windows', { body: bodyOf(draft) }),
    ['/api/maintenance-windows'],
  );
  const remove = useSend(
    () => api.DELETE('/api/maintenance-windows/{id}', { params: { path: { id: window!.id } } }),
    ['/api/maintenance-windows'],
  );
  const refused = (field: string) => fieldError(save.error, field);
  const path = `/api/maintenance-windows${window ? `/${window.id}` : ''}`;
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={window ? window.name : 'A new maintenance window'}
      description={window?.active ? 'It is open now.' : undefined}
      footer={
        <>
          {window && may && (
            <Button look="danger" onClick={() => setRemoving(true)}>
              Delete the window
            </Button>
          )}
          <span className={css['grow']} />
          {body && <ShowCurl method={window ? 'PUT' : 'POST'} path={path} body={body} />}
          <Button
            look="primary"
            disabled={!may || body === undefined || draft.name.trim() === ''}
            busy={save.isPending && 'Saving …'}
            onClick={() =>
              save.mutate(undefined, {
                onSuccess: () => {
                  toast.say(window ? 'The window is saved.' : 'The window is made.');
                  onClose();
                },
              })
            }
          >
            {window ? 'Save the window' : 'Make the window'}
          </Button>
        </>
      }
    >
      <TextField
        label="Name"
        placeholder="Saturday deploys"
        maxLength={200}
        value={draft.name}
        error={refused('name')}
        onChange={(name) => set({ name })}
      />
      <div className={css['pair']}>
        <TextField
          label="Opens first"
          type="datetime-local"
          value={draft.from}
          error={refused('start_time')}
          onChange={(from) => set({ from })}
        />
        <TextField
          label="Closes"
          type="datetime-local"
          value={draft.to}
          error={refused('end_time')}
          onChange={(to) => set({ to })}
        />
      </div>
      <ZoneField
        label="By the clock of"
        hint="Also when clocks change: 02:00 stays 02:00"
        value={draft.timezone}
        error={refused('timezone')}
        onChange={(timezone) => set({ timezone })}
      />
      <RecurrenceFields
        value={draft.recurrence}
        error={refused('recurrence')}
        onChange={(recurrence) => set({ recurrence })}
      />
      <SelectField
        label="About"
        value={draft.scope}
        options={[
          ['all', 'everything, also what is no instance'],
          ['tags', 'instances that carry tags'],
          ['instance_ids', 'these instances'],
        ]}
        onChange={(scope) => set({ scope })}
      />
      {draft.scope === 'tags' && (
        <Field label="Tags" hint="One key=value a line; an instance has to carry all of them" error={refused('scope')}>
          {(props) => (
            <textarea
              {...props}
              className={ui['input']}
              rows={2}
              spellCheck={false}
              placeholder="environment=production"
              value={draft.tags}
              onChange={(event) => set({ tags: event.target.value })}
            />
          )}
        </Field>
      )}
      {draft.scope === 'instance_ids' && (
        <InstancePicker
          label="Choose instances"
          chosen={draft.instanceIds}
          onChoose={(instanceIds) => set({ instanceIds })}
        />
      )}
      <div>
        <CheckField
          label="Hold alerts back"
          hint="They are recorded, and nobody is told"
          checked={draft.suppressAlerts}
          onChange={(on) => set({ suppressAlerts: on })}
        />
        <CheckField
          label="Hold enforcement back"
          hint="Policies stop nothing in it"
          checked={draft.suppressEnforcement}
          onChange={(on) => set({ suppressEnforcement: on })}
        />
      </div>
      <Preview draft={draft} problem={problem} />
      {save.isError && (
        <p className={ui['fault']} role="alert">
          {sentenceOf(save.error)}
        </p>
      )}
      {window && (
        <Confirm
          open={removing}
          onOpenChange={setRemoving}
          title="Delete the window?"
          action="Delete the window"
          danger
          busy={remove.isPending}
          error={remove.error}
          aside={<ShowCurl method="DELETE" path={path} />}
          onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
        >
          <p>
            <bdi className="name">{window.name}</bdi> does not open any more.
            {window.active && ' It is open now: what it held back is told from now on.'}
          </p>
        </Confirm>
      )}
    </Sheet>
  );
}

/** When it would open, as the control plane works it out. */
function Preview({ draft, problem }: { readonly draft: Draft; readonly problem: string | undefined }) {
  const body = problem === undefined ? { ...bodyOf(draft), name: 'a window that is tried' } : undefined;
  const preview = useLoad(
    ['/api/maintenance-windows/preview', body],
    () => api.POST('/api/maintenance-windows/preview', { body: body! }),
    { enabled: body !== undefined, staleTime: 60_000, placeholderData: (before) => before },
  );
  const openings = preview.data?.data.openings ?? [];
  return (
    <section className={css['preview']} aria-live="polite">
      <h3>When it opens, by the clock of {draft.timezone}</h3>
      {problem && <p className={ui['hint']}>{problem}</p>}
      {!problem && preview.isError && <p className={ui['fault']}>{sentenceOf(preview.error)}</p>}
      {!problem && preview.isSuccess && openings.length === 0 && <p className={ui['hint']}>It is over already.</p>}
      {!problem && !preview.isError && (
        <ol>
          {openings.map((one) => (
            <li key={one.starts_at}>{spanWords(one, draft.timezone)}</li>
          ))}
        </ol>
      )}
    </section>
  );
}
