import { Terminal } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button';
import { Copy } from './copy';
import { curlOf } from './curl';
import type { CurlRequest } from './curl';
import { Dialog } from './dialog';
import css from './kit.module.css';
import ui from './ui.module.css';

interface Props extends CurlRequest {
  /** What follows it, where a button sends several. */
  readonly then?: readonly CurlRequest[];
}

/** What a button does, as the request that a script would send. */
export function ShowCurl({ then = [], ...request }: Props) {
  const [open, setOpen] = useState(false);
  const text = [request, ...then].map((one) => curlOf(one, window.location.origin)).join('\n');
  return (
    <>
      <Button look="quiet" onClick={() => setOpen(true)}>
        <Terminal size={15} aria-hidden /> curl
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        wide
        title="The same by curl"
        description="FLOTILLA_API_KEY is an API key with the scope that this needs; keys are made in the settings."
        footer={<Copy text={text} label="the command" />}
      >
        <pre className={css['code']} tabIndex={0} aria-label="Command">
          {text}
        </pre>
        <p className={ui['hint']}>
          Every route is described in the <a href="/docs">API documents</a>.
        </p>
      </Dialog>
    </>
  );
}
