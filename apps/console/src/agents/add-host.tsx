import { Check, Copy, LoaderCircle } from 'lucide-react';
import { useState } from 'react';
import { api, sentenceOf, useLoad, useSend } from '../data/api';
import { useMay } from '../data/role';
import { Badge } from '../ui/badge';
import { Button, LinkButton } from '../ui/button';
import { ShowCurl } from '../ui/show-curl';
import ui from '../ui/ui.module.css';
import css from './add-host.module.css';

export function AddHost() {
  return (
    <>
      <h1>Add a host</h1>
      <AddHostSteps />
    </>
  );
}

/** From nothing to the first sample: one command for the host, and a check that turns green by itself. */
export function AddHostSteps() {
  const may = useMay('admin');
  const mint = useSend(
    () => api.POST('/api/agents/enrollment-tokens', { body: { name: 'a GPU host' } }),
    ['/api/agents'],
  );
  const minted = mint.data?.data;
  return (
    <>
      <section className={ui['card']}>
        <div className={ui['cardHead']}>
          <h2>1. The command</h2>
        </div>
        <div className={`${ui['cardBody']} ${css['step']}`}>
          <p>
            One line, run as root on the GPU host: it fetches the agent from here, checks it, installs it as a service
            and enrols it. The token in it works once and for an hour.
          </p>
          {!may && <p>Admins make such commands. Ask one of this tenant.</p>}
          {may && !minted && (
            <div className={css['make']}>
              <Button look="primary" busy={mint.isPending && 'Making a token …'} onClick={() => mint.mutate()}>
                Make the command
              </Button>
              <ShowCurl method="POST" path="/api/agents/enrollment-tokens" body={{ name: 'a GPU host' }} />
            </div>
          )}
          {mint.isError && (
            <p className={ui['fault']} role="alert">
              {sentenceOf(mint.error)}
            </p>
          )}
          {minted?.install_command && <Command text={minted.install_command} />}
          {minted?.note && <p className={ui['hint']}>{minted.note}</p>}
        </div>
      </section>
      {minted && <FirstSample since={minted.created_at} />}
    </>
  );
}

function Command({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <div className={css['command']}>
      <pre tabIndex={0} aria-label="The command for the host">
        {text}
      </pre>
      <Button onClick={() => void copy()}>
        {copied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />} {copied ? 'Copied' : 'Copy'}
      </Button>
    </div>
  );
}

/** @param since only what enrolled after the command was made is this host */
function FirstSample({ since }: { readonly since: string }) {
  const agents = useLoad(
    ['/api/agents', 'newest'],
    () => api.GET('/api/agents', { params: { query: { limit: 100 } } }),
    { refetchInterval: 2_000 },
  );
  const agent = agents.data?.data.find((one) => Date.parse(one.enrolled_at) >= Date.parse(since));
  const instances = useLoad(
    ['/api/instances', 'newest'],
    () => api.GET('/api/instances', { params: { query: { limit: 200, sort: '-created_at' } } }),
    { refetchInterval: 2_000, enabled: agent !== undefined },
  );
  const instance = instances.data?.data.find((one) => one.agent?.id === agent?.id && one.latest !== null);
  const steps: readonly (readonly [string, boolean])[] = [
    ['The host enrolled', agent !== undefined],
    ['Its agent is connected', agent?.connected === true],
    ['The first sample is here', instance !== undefined],
  ];
  return (
    <section className={ui['card']} aria-live="polite">
      <div className={ui['cardHead']}>
        <h2>2. Is it here?</h2>
        {instance ? (
          <Badge tone="good" icon={Check}>
            It reports
          </Badge>
        ) : (
          <Badge tone="accent" icon={LoaderCircle}>
            Waiting for the host
          </Badge>
        )}
      </div>
      <div className={`${ui['cardBody']} ${css['step']}`}>
        <ol className={css['checks']}>
          {steps.map(([what, done]) => (
            <li key={what} data-done={done}>
              {done ? <Check size={16} aria-label="done:" /> : <LoaderCircle size={16} aria-label="not yet:" />} {what}
              {what === 'The host enrolled' && agent && (
                <>
                  : <bdi>{agent.hostname}</bdi>
                </>
              )}
            </li>
          ))}
        </ol>
        {instance ? (
          <LinkButton to={`/instances/${instance.id}`} look="primary">
            Look at it
          </LinkButton>
        ) : (
          <p className={ui['hint']}>
            Nothing after a minute? On the host, <code>flotilla-agent doctor</code> says what is missing and how to mend
            it.
          </p>
        )}
      </div>
    </section>
  );
}
