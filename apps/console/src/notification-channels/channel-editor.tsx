import { Send } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api, sentenceOf, useSend } from '../data/api';
import { useMay } from '../data/role';
import { Button } from '../ui/button';
import { ConfirmTyped } from '../ui/confirm';
import { Copy } from '../ui/copy';
import { Dialog } from '../ui/dialog';
import { CheckField, fieldError, TextField } from '../ui/field';
import { Card } from '../ui/page';
import { ShowCurl } from '../ui/show-curl';
import { Time } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { changeBody, configOf, createBody, draftOf, newDraft, problemOf } from './channel-form';
import type { Draft } from './channel-form';
import css from './channels.module.css';
import { ConfigFields } from './config-fields';
import { ChannelHealth } from './health';
import { kindOf } from './kinds';
import type { Channel, ChannelType } from './kinds';
import { Telling } from './telling';
import { TestResult } from './test-result';

interface Props {
  readonly type: ChannelType;
  /** undefined: a new one */
  readonly channel: Channel | undefined;
}

export function ChannelEditor({ type, channel }: Props) {
  const [, go] = useLocation();
  const before = channel ? draftOf(channel) : newDraft(type);
  const [draft, setDraft] = useState<Draft>(before);
  const [secret, setSecret] = useState<string>();
  const [removing, setRemoving] = useState(false);
  const may = useMay('admin');
  const body = channel ? changeBody(draft, before) : createBody(draft);
  const changed = Object.keys(body).length > 0;
  const save = useSend(
    () =>
      channel
        ? api.PATCH('/api/notification-channels/{id}', {
            params: { path: { id: channel.id } },
            body: changeBody(draft, before),
          })
        : api.POST('/api/notification-channels', { body: createBody(draft) }),
    ['/api/notification-channels'],
  );
  // what is in the form is tried, also before it is saved; a saved secret is known only to the saved channel
  const test = useSend(
    () =>
      channel && !('config' in body)
        ? api.POST('/api/notification-channels/{id}/test', { params: { path: { id: channel.id } } })
        : api.POST('/api/notification-channels/test', {
            body: {
              channel_type: type,
              config: configOf(draft),
              ...(draft.name.trim() && { name: draft.name.trim() }),
            },
          }),
    ['/api/notification-channels'],
  );
  const remove = useSend(
    () => api.DELETE('/api/notification-channels/{id}', { params: { path: { id: channel!.id } } }),
    ['/api/notification-channels'],
  );
  const problem = problemOf(draft);
  const refused = (field: string) => fieldError(save.error, field) ?? fieldError(test.error, field);
  const submit = () =>
    save.mutate(undefined, {
      onSuccess: ({ data }) => {
        if (channel) setDraft(draftOf(data));
        if (data.signing_secret) setSecret(data.signing_secret);
        else if (!channel) go(`/notification-channels/${data.id}`, { replace: true });
        toast.say(channel ? 'The channel is saved.' : 'The channel is made.');
      },
    });
  const kind = kindOf(type);
  return (
    <>
      <form
        className={css['editor']}
        onSubmit={(event) => {
          event.preventDefault();
          if (!problem && changed) submit();
        }}
      >
        <Card title="Where it goes" padded actions={channel && <ChannelHealth channel={channel} />}>
          <div className={css['form']}>
            {channel?.health.last_failure && (
              <p className={css['warning']}>
                <span className="name">{channel.health.last_failure}</span>{' '}
                <Time at={channel.health.last_failure_at} relative />
              </p>
            )}
            <TextField
              label="Name"
              placeholder={`${kind.title} of the team`}
              maxLength={200}
              value={draft.name}
              error={refused('name')}
              onChange={(name) => setDraft({ ...draft, name })}
            />
            <ConfigFields
              key={channel?.updated_at ?? 'new'}
              type={type}
              config={draft.config}
              saved={channel !== undefined}
              refused={refused}
              onChange={(config) => setDraft({ ...draft, config })}
            />
            <CheckField
              label="On"
              hint="Switched off, nothing is sent, and what waits for it is given up"
              checked={draft.enabled}
              onChange={(enabled) => setDraft({ ...draft, enabled })}
            />
            <TestResult result={test.data?.data} error={test.error} />
            {save.isError && (
              <p className={ui['fault']} role="alert">
                {sentenceOf(save.error)}
              </p>
            )}
            <div className={css['buttons']}>
              <Button
                type="submit"
                look="primary"
                disabled={!may || problem !== undefined || !changed}
                busy={save.isPending && 'Saving …'}
              >
                {channel ? 'Save the channel' : 'Make the channel'}
              </Button>
              <Button
                disabled={!may || (problem !== undefined && problem !== 'It needs a name.')}
                busy={test.isPending && 'Sending …'}
                onClick={() => test.mutate()}
              >
                <Send size={14} aria-hidden /> Send test
              </Button>
              <ShowCurl
                method={channel ? 'PATCH' : 'POST'}
                path={`/api/notification-channels${channel ? `/${channel.id}` : ''}`}
                body={body}
              />
              <span className={css['grow']} />
              {problem && <span className={ui['hint']}>{problem}</span>}
              {channel && may && (
                <Button look="danger" onClick={() => setRemoving(true)}>
                  Delete the channel
                </Button>
              )}
            </div>
          </div>
        </Card>
        <Telling draft={draft} each={kind.each ?? false} refused={refused} onChange={setDraft} />
      </form>
      <Dialog
        open={secret !== undefined}
        onOpenChange={(open) => {
          if (open) return;
          const id = save.data?.data.id;
          setSecret(undefined);
          if (id !== undefined) go(`/notification-channels/${id}`, { replace: true });
        }}
        title="The signing secret"
        description="By it the other side checks that a message is ours. It is shown this once: put it where the program reads it."
        footer={secret && <Copy text={secret} label="the secret" />}
      >
        <pre className={css['secret']} tabIndex={0} aria-label="Signing secret">
          {secret}
        </pre>
      </Dialog>
      {channel && (
        <ConfirmTyped
          open={removing}
          onOpenChange={setRemoving}
          title="Delete the channel?"
          word={channel.name}
          action="Delete the channel"
          danger
          busy={remove.isPending}
          error={remove.error}
          aside={<ShowCurl method="DELETE" path={`/api/notification-channels/${channel.id}`} />}
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => go('/notification-channels') })}
        >
          <p>
            What waits for it is not sent any more, and its log of deliveries goes with it. Rules that name it tell it
            no more.
          </p>
        </ConfirmTyped>
      )}
    </>
  );
}
