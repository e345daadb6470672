import { LoaderCircle, ShieldAlert, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { Button } from '../ui/button';
import { Copy } from '../ui/copy';
import { count, duration } from '../ui/format';
import kit from '../ui/kit.module.css';
import { Failed } from '../ui/states';
import { ShowCurl } from '../ui/show-curl';
import { Time } from '../ui/time';
import ui from '../ui/ui.module.css';
import css from './audit.module.css';

type Answer = Schemas['AuditVerification'];

const KINDS: Readonly<Record<NonNullable<Answer['first_bad']>['kind'], string>> = {
  changed: 'was changed after it was written',
  deleted: 'was deleted',
  inserted: 'was put in afterwards',
  rewritten: 'belongs to a chain that was rewritten',
};

/** Reads the whole record through and says in one sentence whether it is as it was written. */
export function Verification() {
  const [more, setMore] = useState(false);
  const answer = useLoad(['/api/audit/verify'], () => api.GET('/api/audit/verify'), {
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  if (answer.isError) return <Failed error={answer.error} retry={() => void answer.refetch()} />;
  const found = answer.data?.data;
  return (
    <section
      className={css['verification']}
      data-state={!found ? 'asked' : found.intact ? 'intact' : 'bad'}
      role="status"
    >
      {!found ? (
        <LoaderCircle size={26} aria-hidden />
      ) : found.intact ? (
        <ShieldCheck size={26} aria-hidden />
      ) : (
        <ShieldAlert size={26} aria-hidden />
      )}
      <div className={css['statement']}>
        <h2>{found ? headline(found) : 'Reading the record through …'}</h2>
        {found && <p>{statement(found)}</p>}
        {found?.sealed_through && (
          <p className={ui['hint']}>
            Sealed up to row {count(found.sealed_through.audit_id)}, <Time at={found.sealed_through.at} />.
            {found.unsealed > 0 &&
              ` ${count(found.unsealed)} newer ${found.unsealed === 1 ? 'row waits' : 'rows wait'} to be sealed, for a second or two.`}
          </p>
        )}
        {more && found && <Key answer={found} />}
      </div>
      <div className={css['buttons']}>
        <Button look="quiet" aria-expanded={more} onClick={() => setMore(!more)}>
          How it is proved
        </Button>
        <ShowCurl method="GET" path="/api/audit/verify" />
        <Button busy={answer.isFetching && 'Verifying …'} onClick={() => void answer.refetch()}>
          Verify again
        </Button>
      </div>
    </section>
  );
}

const headline = ({ intact, first_bad: bad }: Answer) =>
  intact
    ? 'The record is as it was written'
    : `The record was tampered with${bad?.audit_id ? `: first at row ${count(bad.audit_id)}` : ''}`;

function statement({ intact, first_bad: bad, checked, heads, duration_ms: ms }: Answer): string {
  const took = ms < 1_000 ? `${count(ms)} ms` : duration(ms / 1000);
  if (intact) {
    return `All ${count(checked)} sealed rows are unchanged, none is missing and none was put in; ${heads === 1 ? 'the signed end of one day agrees' : `${count(heads)} signed ends of days agree`}. It took ${took}.`;
  }
  const row = bad?.audit_id ? `Row ${count(bad.audit_id)}` : `Place ${count(bad?.sequence)} of the chain`;
  return `${row} ${bad ? KINDS[bad.kind] : 'is not as it was sealed'}. ${bad?.message ?? ''} The ${count(checked)} rows before it are as they were sealed. Keep this database as it is, and compare with an export or a backup from before.`;
}

function Key({ answer }: { readonly answer: Answer }) {
  return (
    <div className={css['proof']}>
      <p>
        Each row carries the hash of the row before it, and the last row of each day is signed with a key that the
        database does not hold. Whoever has this public key can check an export without trusting this server.
      </p>
      <div className={css['key']}>
        <pre className={kit['code']} tabIndex={0} aria-label="Public key">
          {answer.public_key}
        </pre>
        <Copy text={answer.public_key} label="the public key" />
      </div>
      <p className={ui['hint']}>
        Key <code>{answer.key_id}</code>, Ed25519.
      </p>
    </div>
  );
}
