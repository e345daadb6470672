import { useParams } from 'wouter';
import { api, useLoad } from '../data/api';
import { useAddress } from '../ui/address';
import { LinkButton } from '../ui/button';
import { Card, PageHead } from '../ui/page';
import { Failed, Loading } from '../ui/states';
import { ChannelEditor } from './channel-editor';
import { ChooseKind } from './choose-kind';
import { Deliveries } from './deliveries';
import { KINDS, kindOf } from './kinds';

/** `/notification-channels/new?type=slack` and `/notification-channels/:id`. */
export default function ChannelScreen() {
  const { id } = useParams<{ id?: string }>();
  const [address] = useAddress({ type: '' });
  const loaded = useLoad(
    [`/api/notification-channels/${id}`],
    () => api.GET('/api/notification-channels/{id}', { params: { path: { id: Number(id) } } }),
    { enabled: id !== undefined, refetchOnWindowFocus: false },
  );
  if (id === undefined) {
    const kind = KINDS.find(({ type }) => type === address.type);
    return (
      <>
        <PageHead title={kind ? `A new ${kind.title} channel` : 'A new channel'}>
          <LinkButton to={kind ? '/notification-channels/new' : '/notification-channels'}>
            {kind ? 'Another kind' : 'All channels'}
          </LinkButton>
        </PageHead>
        {kind ? (
          <ChannelEditor key={kind.type} type={kind.type} channel={undefined} />
        ) : (
          <Card title="What kind?" padded>
            <ChooseKind />
          </Card>
        )}
      </>
    );
  }
  if (loaded.isPending) return <Loading lines={8} />;
  if (loaded.isError) return <Failed error={loaded.error} retry={() => void loaded.refetch()} />;
  const channel = loaded.data.data;
  return (
    <>
      <PageHead title={channel.name} hint={kindOf(channel.channel_type).title}>
        <LinkButton to="/notification-channels">All channels</LinkButton>
      </PageHead>
      <ChannelEditor key={channel.id} type={channel.channel_type} channel={channel} />
      <Deliveries id={channel.id} />
    </>
  );
}
