import { Plus, Send } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { asWords } from '../alerts/evidence';
import { api, useLoad, useSend } from '../data/api';
import { useMay } from '../data/role';
import { useAddress } from '../ui/address';
import { Button, LinkButton } from '../ui/button';
import { count } from '../ui/format';
import { Card, PageHead } from '../ui/page';
import { Failed, Loading } from '../ui/states';
import { Switch } from '../ui/switch';
import { Table } from '../ui/table';
import { TabLinks } from '../ui/tabs';
import { Time } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import css from './channels.module.css';
import { ChannelHealth } from './health';
import { kindOf } from './kinds';
import type { Channel } from './kinds';
import { ChooseKind } from './choose-kind';
import { PolicyForm } from './policy-form';
import { TestResult } from './test-result';

/** Where notifications go and whether they arrive; what holds for all of them. */
export default function ChannelsScreen() {
  const [address] = useAddress({ tab: 'channels' });
  const list = useLoad(
    ['/api/notification-channels', 'all'],
    () => api.GET('/api/notification-channels', { params: { query: { limit: 200 } } }),
    { refetchInterval: 15_000 },
  );
  const may = useMay('admin');
  const isPolicy = address.tab === 'policy';
  return (
    <>
      <PageHead title="Notification channels">
        {may && (
          <LinkButton to="/notification-channels/new" look="primary">
            <Plus size={15} aria-hidden /> New channel
          </LinkButton>
        )}
      </PageHead>
      <TabLinks
        label="Notifications"
        tabs={[
          {
            to: '/notification-channels',
            title: 'Channels',
            count: list.data?.pagination.total,
            current: !isPolicy,
          },
          { to: '/notification-channels?tab=policy', title: 'For all of them', current: isPolicy },
        ]}
      />
      {isPolicy ? (
        <PolicyForm />
      ) : (
        <Card>
          {list.isPending && <Loading lines={5} />}
          {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
          {list.data?.data.length === 0 && (
            <div className={css['first']}>
              <h2>Nobody is told of anything yet</h2>
              <p className={ui['hint']}>Choose where alerts should go. Before it is saved you can send a test.</p>
              <ChooseKind disabled={!may} />
            </div>
          )}
          {list.data && list.data.data.length > 0 && <Channels channels={list.data.data} />}
        </Card>
      )}
    </>
  );
}

function Channels({ channels }: { readonly channels: readonly Channel[] }) {
  const may = useMay('admin');
  const [tested, setTested] = useState<Channel>();
  const test = useSend(
    (id: number) => api.POST('/api/notification-channels/{id}/test', { params: { path: { id } } }),
    ['/api/notification-channels'],
  );
  const change = useSend(
    ({ id, enabled }: { id: number; enabled: boolean }) =>
      api.PATCH('/api/notification-channels/{id}', { params: { path: { id } }, body: { enabled } }),
    ['/api/notification-channels'],
  );
  return (
    <>
      {tested && (test.isSuccess || test.isError) && (
        <div className={css['said']}>
          <strong>
            Test of <bdi className="name">{tested.name}</bdi>:
          </strong>
          <TestResult result={test.data?.data} error={test.error} />
        </div>
      )}
      <Table
        label="Channels"
        rows={channels}
        keyOf={(one) => one.id}
        columns={[
          {
            title: 'On',
            tight: true,
            cell: (one) => (
              <Switch
                label={`${one.name} is on`}
                checked={one.enabled}
                disabled={!may || change.isPending}
                onChange={(enabled) => change.mutate({ id: one.id, enabled }, { onError: toast.failed })}
              />
            ),
          },
          {
            title: 'Channel',
            cell: (one) => {
              const { icon: Icon, title } = kindOf(one.channel_type);
              return (
                <div className={css['channel']}>
                  <Icon size={18} aria-hidden />
                  <div>
                    <Link href={`/notification-channels/${one.id}`} className="name">
                      {one.name}
                    </Link>
                    <span>{title}</span>
                  </div>
                </div>
              );
            },
          },
          {
            title: 'State',
            cell: (one) => (
              <div className={css['state']}>
                <ChannelHealth channel={one} />
                {one.enabled && one.health.last_failure && one.health.status !== 'healthy' && (
                  <span className="name">{one.health.last_failure}</span>
                )}
              </div>
            ),
          },
          {
            title: 'Takes',
            cell: (one) => (
              <span className="name">
                {one.alert_types.length === 0 ? 'every type' : one.alert_types.map(asWords).join(', ')}
                {one.min_priority !== 'low' && `, from ${one.min_priority} on`}
              </span>
            ),
          },
          { title: 'Waiting', number: true, cell: (one) => count(one.health.waiting) },
          {
            title: 'Given up',
            number: true,
            cell: (one) =>
              one.health.failed === 0 ? (
                '0'
              ) : (
                <Link href={`/notification-channels/${one.id}?status=failed`}>{count(one.health.failed)}</Link>
              ),
          },
          { title: 'Arrived last', tight: true, cell: (one) => <Time at={one.health.last_success_at} relative /> },
          {
            title: 'Test',
            quiet: true,
            tight: true,
            cell: (one) => (
              <Button
                disabled={!may || test.isPending}
                busy={test.isPending && tested?.id === one.id && 'Sending …'}
                onClick={() => {
                  setTested(one);
                  test.mutate(one.id);
                }}
              >
                <Send size={14} aria-hidden /> Send test <span className="visually-hidden">to {one.name}</span>
              </Button>
            ),
          },
        ]}
      />
    </>
  );
}
