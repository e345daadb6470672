import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import { useAddress } from '../ui/address';
import { Button } from '../ui/button';
import { Select } from '../ui/field';
import kit from '../ui/kit.module.css';
import { Card, PageHead } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Sheet } from '../ui/dialog';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import { useEventTypes } from '../webhooks/event-types-field';
import css from '../webhooks/webhooks.module.css';
import { eventWords, subjectPath } from './event-words';

const PAGE = 50;

/** Everything that happened, in its order: the same as webhooks and the stream tell. */
export default function EventsScreen() {
  const [{ type, page, show }, setAddress] = useAddress({ type: 'all', page: '1', show: '' });
  const types = useEventTypes().data?.data ?? [];
  const kinds = [...new Set(types.map((one) => one.type.split('.')[0]!))];
  const asked = { limit: PAGE, page: Number(page) || 1, ...(type !== 'all' && { type }) };
  const list = useLoad(['/api/events', 'list', asked], () => api.GET('/api/events', { params: { query: asked } }), {
    refetchInterval: 5_000,
    placeholderData: (before) => before,
  });
  const rows = list.data?.data ?? [];
  const shown = rows.find(({ id }) => id === show);
  return (
    <>
      <PageHead
        title="Events"
        simulated={rows.some((row) => row.simulated)}
        hint="What happened, newest first; kept for 90 days"
      />
      <div className={css['line']}>
        <Select
          label="Type of event"
          value={type}
          options={[
            ['all', 'Every type'],
            ...kinds.map((kind) => [`${kind}.*`, `${kind.replaceAll('_', ' ')}: all`] as const),
            ...types.map((one) => [one.type, one.type] as const),
          ]}
          onChange={(to) => setAddress({ type: to, page: '1' })}
        />
      </div>
      <Card>
        {list.isPending && <Loading lines={8} />}
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && rows.length === 0 && <Empty title="Nothing of this type has happened" />}
        {rows.length > 0 && (
          <Table
            label="Events"
            rows={rows}
            keyOf={(row) => row.id}
            current={show}
            columns={[
              { title: 'When', tight: true, cell: (row) => <Time at={row.timestamp} /> },
              {
                title: 'Type',
                cell: (row) => (
                  <button
                    type="button"
                    className={css['open']}
                    onClick={() => setAddress({ show: row.id }, { push: true })}
                  >
                    {row.type}
                  </button>
                ),
              },
              {
                title: 'About',
                cell: (row) => {
                  const path = subjectPath(row.subject);
                  const words = told(eventWords(row));
                  return path ? <Link href={path}>{<bdi>{words}</bdi>}</Link> : <bdi>{words}</bdi>;
                },
              },
              { title: 'Place', number: true, cell: (row) => row.sequence },
            ]}
          />
        )}
      </Card>
      {(asked.page > 1 || list.data?.pagination.has_more) && (
        <div className={css['more']}>
          <Button disabled={asked.page === 1} onClick={() => setAddress({ page: String(asked.page - 1) })}>
            Newer
          </Button>
          <Button
            disabled={!list.data?.pagination.has_more}
            onClick={() => setAddress({ page: String(asked.page + 1) })}
          >
            Older
          </Button>
        </div>
      )}
      <Sheet open={shown !== undefined} onOpenChange={() => setAddress({ show: '' })} title={shown?.type ?? ''}>
        {shown && (
          <>
            <p className={ui['hint']}>{types.find((one) => one.type === shown.type)?.description}</p>
            <pre className={kit['code']} tabIndex={0} aria-label="The event">
              {JSON.stringify(shown, null, 2)}
            </pre>
          </>
        )}
      </Sheet>
    </>
  );
}
