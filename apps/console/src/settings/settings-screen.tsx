import { useParams } from 'wouter';
import { useMay } from '../data/role';
import { PageHead } from '../ui/page';
import { Empty } from '../ui/states';
import { LinkButton } from '../ui/button';
import { TabLinks } from '../ui/tabs';
import { AgentsTab } from './agents-tab';
import { ApiKeysTab } from './api-keys-tab';
import { MeTab } from './me-tab';
import { StopGateTab } from './stop-gate-tab';
import { TenantTab } from './tenant-tab';
import { UsersTab } from './users-tab';

const TABS = [
  ['me', 'You', MeTab, 'viewer'],
  ['users', 'Users', UsersTab, 'admin'],
  ['api-keys', 'API keys', ApiKeysTab, 'admin'],
  ['agents', 'Agents', AgentsTab, 'viewer'],
  ['tenant', 'Tenant', TenantTab, 'owner'],
  ['stop-gate', 'Safe-stop gate', StopGateTab, 'viewer'],
] as const;

/** Who may do what, what reports here, and by which rules. Each part has an address of its own. */
export default function SettingsScreen() {
  const { tab = 'me' } = useParams();
  const [isAdmin, isOwner] = [useMay('admin'), useMay('owner')];
  const current = TABS.find(([name]) => name === tab);
  const [, , View, role] = current ?? [];
  const mayLook = role === 'viewer' || (role === 'admin' ? isAdmin : isOwner);
  return (
    <>
      <PageHead title="Settings" />
      <TabLinks
        label="Settings"
        tabs={TABS.map(([name, title]) => ({ to: `/settings/${name}`, title, current: name === tab }))}
      />
      {!View && (
        <Empty title="There are no such settings">
          <LinkButton to="/settings/me">To your own</LinkButton>
        </Empty>
      )}
      {View && !mayLook && (
        <Empty title={role === 'owner' ? 'Owners see this' : 'Admins see this'}>
          <p>
            {role === 'owner'
              ? 'What holds for the whole tenant is set by its owners.'
              : 'People and keys are managed by admins and owners. Ask one of them for the role that you need.'}
          </p>
        </Empty>
      )}
      {View && mayLook && <View />}
    </>
  );
}
