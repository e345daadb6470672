import { Download } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api, useLoad } from '../data/api';
import { dayBefore, exportForm } from '../exports/kinds';
import { useAddress } from '../ui/address';
import { Badge } from '../ui/badge';
import { Button, LinkButton } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { NONE } from '../ui/format';
import kit from '../ui/kit.module.css';
import { Card, PageHead } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import css from './audit.module.css';
import { Verification } from './verification';

const PAGE = 50;
const ACTORS: Readonly<Record<string, string>> = { api_key: 'API key', user: 'person' };

/** Who did what, and whether the record of it is as it was written. */
export default function AuditScreen() {
  const [address, setAddress] = useAddress({
    type: '',
    actor: '',
    subject: '',
    since: '',
    until: '',
    cursor: '',
    show: '',
  });
  const asked = {
    limit: PAGE,
    ...(address.type && { event_type: address.type }),
    ...(address.actor && { actor: address.actor }),
    ...(address.subject && { subject_type: address.subject }),
    ...(address.since && { since: address.since }),
    ...(address.until && { until: address.until }),
    ...(address.cursor && { cursor: address.cursor }),
  };
  const list = useLoad(['/api/audit', asked], () => api.GET('/api/audit', { params: { query: asked } }), {
    placeholderData: (before) => before,
  });
  const rows = list.data?.data ?? [];
  const next = list.data?.pagination.next_cursor;
  const shown = rows.find(({ id }) => String(id) === address.show);
  const filtered = Object.keys(asked).length > (address.cursor ? 2 : 1);
  return (
    <>
      <PageHead title="Audit" hint="Who did what, and the proof that nobody changed it">
        <LinkButton to={exportForm('audit', asked, { first: address.since, last: dayBefore(address.until) })}>
          <Download size={15} aria-hidden /> Export
        </LinkButton>
      </PageHead>
      <Verification />
      <div className={css['filters']}>
        <Filter
          label="What happened"
          placeholder="user, or user.invited"
          value={address.type}
          onChange={(type) => setAddress({ type: type.toLowerCase().replaceAll(/[^a-z0-9_.-]/g, ''), cursor: '' })}
        />
        <Filter
          label="Who"
          placeholder="ada@example.com"
          value={address.actor}
          onChange={(actor) => setAddress({ actor, cursor: '' })}
        />
        <Filter
          label="Kind of thing"
          placeholder="instance"
          value={address.subject}
          onChange={(subject) => setAddress({ subject, cursor: '' })}
        />
        <Filter
          label="From"
          type="date"
          value={address.since}
          onChange={(since) => setAddress({ since, cursor: '' })}
        />
        <Filter
          label="Before"
          type="date"
          value={address.until}
          onChange={(until) => setAddress({ until, cursor: '' })}
        />
        {filtered && (
          <Button
            look="quiet"
            onClick={() => setAddress({ type: '', actor: '', subject: '', since: '', until: '', cursor: '' })}
          >
            Show everything
          </Button>
        )}
      </div>
      <Card>
        {list.isPending && <Loading lines={10} />}
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && rows.length === 0 && <Empty title="Nothing like that is recorded" />}
        {rows.length > 0 && (
          <Table
            label="Audit"
            rows={rows}
            keyOf={(row) => row.id}
            current={address.show === '' ? undefined : Number(address.show)}
            columns={[
              { title: 'When', tight: true, cell: (row) => <Time at={row.at} /> },
              {
                title: 'What',
                cell: (row) => (
                  <button
                    type="button"
                    className={css['open']}
                    onClick={() => setAddress({ show: String(row.id) }, { push: true })}
                  >
                    {row.event_type}
                  </button>
                ),
              },
              {
                title: 'Who',
                cell: (row) => (
                  <>
                    <bdi>{told(row.actor.label)}</bdi>{' '}
                    {row.actor.type !== 'user' && <Badge>{ACTORS[row.actor.type] ?? row.actor.type}</Badge>}
                  </>
                ),
              },
              {
                title: 'About',
                cell: (row) =>
                  row.subject ? (
                    <>
                      {row.subject.type.replaceAll('_', ' ')} <bdi className={ui['hint']}>{row.subject.id}</bdi>
                    </>
                  ) : (
                    NONE
                  ),
              },
              { title: 'From', tight: true, cell: (row) => row.address ?? NONE },
              { title: 'Row', number: true, cell: (row) => row.id },
            ]}
          />
        )}
      </Card>
      {(address.cursor !== '' || next) && (
        <div className={css['more']}>
          <Button disabled={address.cursor === ''} onClick={() => window.history.back()}>
            Newer
          </Button>
          <Button disabled={!next} onClick={() => setAddress({ cursor: next ?? '' }, { push: true })}>
            Older
          </Button>
        </div>
      )}
      <Sheet open={shown !== undefined} onOpenChange={() => setAddress({ show: '' })} title={shown?.event_type ?? ''}>
        {shown && (
          <pre className={kit['code']} tabIndex={0} aria-label="The row">
            {JSON.stringify(shown, null, 2)}
          </pre>
        )}
      </Sheet>
    </>
  );
}

interface FilterProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: string;
  readonly placeholder?: string;
}

/** Asked when the hand rests, not at each letter. */
function Filter({ label, value, onChange, type = 'search', placeholder }: FilterProps) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    // the address changed by something else: "show everything", the back button
    setKnown(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), 350);
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what is to be done is made anew at each drawing
  }, [text, value]);
  return (
    <label className={css['filter']}>
      <span>{label}</span>
      <input
        className={ui['input']}
        type={type}
        placeholder={placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </label>
  );
}
