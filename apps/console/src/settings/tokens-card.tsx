import { api, useLoad, useSend } from '../data/api';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { count } from '../ui/format';
import { Card } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import { toast } from '../ui/toast';

/** Tokens by which hosts may still enrol. */
export function TokensCard() {
  const query = { limit: 100, usable: true };
  const tokens = useLoad(['/api/agents/enrollment-tokens', query], () =>
    api.GET('/api/agents/enrollment-tokens', { params: { query } }),
  );
  const revoke = useSend(
    (id: string) => api.DELETE('/api/agents/enrollment-tokens/{id}', { params: { path: { id } } }),
    ['/api/agents/enrollment-tokens'],
  );
  return (
    <Card title="Enrolment tokens" hint="with which hosts may still enrol">
      {tokens.isPending && <Loading lines={3} />}
      {tokens.isError && <Failed error={tokens.error} retry={() => void tokens.refetch()} />}
      {tokens.isSuccess && tokens.data.data.length === 0 && (
        <Empty title="No token is open">
          <p>“Add a host” makes one: it works once and for an hour.</p>
        </Empty>
      )}
      {tokens.isSuccess && tokens.data.data.length > 0 && (
        <Table
          label="Enrolment tokens"
          rows={tokens.data.data}
          keyOf={(token) => token.id}
          columns={[
            { title: 'For', cell: (token) => <bdi className="name">{token.name}</bdi> },
            {
              title: 'Hosts',
              cell: (token) => (token.multi_use ? <Badge tone="warn">any number</Badge> : <Badge>one</Badge>),
            },
            { title: 'Used', number: true, cell: (token) => count(token.uses) },
            { title: 'May control', cell: (token) => token.controls.join(', ') || 'its own host' },
            { title: 'Made by', cell: (token) => <bdi className="name">{token.created_by}</bdi> },
            { title: 'Ends', tight: true, cell: (token) => <Time at={token.expires_at} /> },
            {
              title: 'What to do',
              quiet: true,
              tight: true,
              cell: (token) => (
                <Button
                  look="quiet"
                  aria-label={`Take back the token for ${token.name}`}
                  onClick={() =>
                    revoke.mutate(token.id, {
                      onSuccess: () => toast.say('The token enrols nobody any more'),
                      onError: toast.failed,
                    })
                  }
                >
                  Take back
                </Button>
              ),
            },
          ]}
        />
      )}
    </Card>
  );
}
