import { Plus } from 'lucide-react';
import { Link } from 'wouter';
import { useInstanceNames } from '../alerts/instance-picker';
import { SeverityBadge } from '../alerts/severity';
import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { useAddress } from '../ui/address';
import { Badge } from '../ui/badge';
import { LinkButton } from '../ui/button';
import { count } from '../ui/format';
import { Card, PageHead } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Switch } from '../ui/switch';
import { Table } from '../ui/table';
import { TabLinks } from '../ui/tabs';
import { Time } from '../ui/time';
import { toast } from '../ui/toast';
import { told } from '../ui/told';
import { BuiltInRules } from './built-in-rules';
import { useChannels } from './channel-picker';
import { useMetrics } from './metrics';
import { draftOf, sentenceOf } from './rule';
import css from './rule.module.css';

/** What fires, and whom it tells: the rules of the house and one's own. */
export default function RulesScreen() {
  const [address] = useAddress({ tab: 'own', rule: '' });
  const own = useLoad(['/api/alert-rules', 'all'], () =>
    api.GET('/api/alert-rules', { params: { query: { limit: 200 } } }),
  );
  const builtIn = useLoad(['/api/alert-rules/built-in'], () => api.GET('/api/alert-rules/built-in'));
  const may = useMay('admin');
  const isOwn = address.tab !== 'built-in';
  return (
    <>
      <PageHead title="Alert rules">
        <LinkButton to="/alerts">Alerts</LinkButton>
        {may && (
          <LinkButton to="/alert-rules/new" look="primary">
            <Plus size={15} aria-hidden /> New rule
          </LinkButton>
        )}
      </PageHead>
      <TabLinks
        label="Rules"
        tabs={[
          { to: '/alert-rules', title: 'Own rules', count: own.data?.pagination.total, current: isOwn },
          { to: '/alert-rules?tab=built-in', title: 'Built in', count: builtIn.data?.data.length, current: !isOwn },
        ]}
      />
      {isOwn ? (
        <Card>
          {own.isPending && <Loading lines={6} />}
          {own.isError && <Failed error={own.error} retry={() => void own.refetch()} />}
          {own.data && own.data.data.length === 0 && (
            <Empty title="No rule of your own yet">
              <p>
                A rule is a sentence: when a metric is above or below a number for so long, somebody is told. While you
                write it you see when it would have fired.
              </p>
              {may && (
                <LinkButton to="/alert-rules/new" look="primary">
                  Write a rule
                </LinkButton>
              )}
            </Empty>
          )}
          {own.data && own.data.data.length > 0 && <Own rules={own.data.data} />}
        </Card>
      ) : (
        <Card>
          {builtIn.isPending && <Loading lines={6} />}
          {builtIn.isError && <Failed error={builtIn.error} retry={() => void builtIn.refetch()} />}
          {builtIn.data && <BuiltInRules rules={builtIn.data.data} current={address.rule} />}
        </Card>
      )}
    </>
  );
}

function Own({ rules }: { readonly rules: readonly Schemas['AlertRule'][] }) {
  const metrics = useMetrics();
  const channels = useChannels();
  const instance = useInstanceNames(rules.flatMap((rule) => (rule.scope_filter.instance_ids ?? []).map(Number)));
  const may = useMay('admin');
  const switching = useSend(
    ({ id, enabled }: { id: number; enabled: boolean }) =>
      api.PUT('/api/alert-rules/{id}', { params: { path: { id } }, body: { enabled } }),
    ['/api/alert-rules', '/api/alerts'],
  );
  const words = (rule: Schemas['AlertRule']) =>
    sentenceOf(draftOf(rule), {
      unit: metrics?.unit(rule.metric) ?? '',
      level: metrics?.of(rule.metric)?.level ?? 'gpu',
      instance,
      channel: channels.nameOf,
    });
  return (
    <Table
      label="Own rules"
      rows={rules}
      keyOf={(rule) => rule.id}
      columns={[
        {
          title: 'On',
          tight: true,
          cell: (rule) => (
            <Switch
              label={`${rule.rule_name} is on`}
              checked={rule.enabled}
              disabled={!may || switching.isPending}
              onChange={(enabled) =>
                switching.mutate(
                  { id: rule.id, enabled },
                  {
                    onSuccess: () =>
                      toast.say(enabled ? 'The rule is on.' : 'The rule is off; its open alerts ended.', () =>
                        switching.mutate({ id: rule.id, enabled: !enabled }),
                      ),
                    onError: toast.failed,
                  },
                )
              }
            />
          ),
        },
        {
          title: 'Rule',
          cell: (rule) => (
            <div className={css['ruleCell']}>
              <Link href={`/alert-rules/${rule.id}`} className="name">
                {rule.rule_name}
              </Link>
              <span className="name">{told(words(rule))}</span>
              {rule.warnings.map((warning) => (
                <Badge key={warning} tone="warn">
                  {warning}
                </Badge>
              ))}
            </div>
          ),
        },
        { title: 'Severity', tight: true, cell: (rule) => <SeverityBadge severity={rule.severity} /> },
        {
          title: 'Firing now',
          number: true,
          cell: (rule) =>
            rule.active_alerts === 0 ? (
              '0'
            ) : (
              <Link href={`/alerts?view=all&rule=${rule.id}`}>{count(rule.active_alerts)}</Link>
            ),
        },
        {
          title: 'Fired last',
          tight: true,
          cell: (rule) => (rule.last_fired_at ? <Time at={rule.last_fired_at} relative /> : 'never'),
        },
      ]}
    />
  );
}
