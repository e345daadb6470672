import { useState } from 'react';
import { api, sentenceOf, useLoad, useSend } from '../data/api';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ShowCurl } from '../ui/show-curl';
import { Loading } from '../ui/states';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import type { PolicyTag } from './draft';
import { TagsField } from './tags-field';

interface Props {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Tags that protect from every policy. */
export function ProtectionDialog({ open, onOpenChange }: Props) {
  const settings = useLoad(
    ['/api/enforcement-policies', 'settings'],
    () => api.GET('/api/enforcement-policies/settings'),
    { enabled: open },
  );
  const [changed, setChanged] = useState<PolicyTag[] | null>(null);
  const tags = changed ?? settings.data?.data.protection_tags ?? [];
  const save = useSend(
    () => api.PUT('/api/enforcement-policies/settings', { body: { protection_tags: tags } }),
    ['/api/enforcement-policies'],
  );
  const close = (to: boolean) => {
    if (!to) setChanged(null);
    onOpenChange(to);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title="What no policy may touch"
      description="No policy acts on an instance with one of these tags, whatever it says itself."
      footer={
        <>
          <ShowCurl method="PUT" path="/api/enforcement-policies/settings" body={{ protection_tags: tags }} />
          <span style={{ flex: 1 }} />
          <Button onClick={() => close(false)}>Leave it</Button>
          <Button
            look="primary"
            disabled={changed === null}
            busy={save.isPending && 'Saving …'}
            onClick={() =>
              save.mutate(undefined, {
                onSuccess: () => {
                  toast.say('Protection saved.');
                  close(false);
                },
              })
            }
          >
            Save the protection
          </Button>
        </>
      }
    >
      {settings.isPending ? <Loading lines={2} /> : <TagsField label="Protection" tags={tags} onChange={setChanged} />}
      <p className={ui['hint']}>A tag without a value counts unless the instance says false, no, 0 or off.</p>
      {save.isError && (
        <p className={ui['fault']} role="alert">
          {sentenceOf(save.error)}
        </p>
      )}
    </Dialog>
  );
}
