import { useState } from 'react';
import { Link } from 'wouter';
import { asWords } from '../alerts/evidence';
import { SEVERITIES, SeverityBadge } from '../alerts/severity';
import type { Severity } from '../alerts/severity';
import { api, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField } from '../ui/field';
import { sentenceOf } from '../data/api';
import { ShowCurl } from '../ui/show-curl';
import { Switch } from '../ui/switch';
import { Table } from '../ui/table';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { ChannelPicker, useChannels } from './channel-picker';
import css from './rule.module.css';
import { Escalation } from './rule-more';

type Rule = Schemas['BuiltInRule'];
type Change = Partial<Pick<Rule, 'enabled' | 'severity' | 'notification_channel_ids' | 'escalation'>>;

function useChange() {
  return useSend(
    ({ key, body }: { key: string; body: Change }) =>
      api.PATCH('/api/alert-rules/built-in/{key}', { params: { path: { key } }, body }),
    ['/api/alert-rules', '/api/alerts'],
  );
}

/** What fires without that anybody wrote a rule. @param current the one that somebody was sent to */
export function BuiltInRules({ rules, current }: { readonly rules: readonly Rule[]; readonly current: string }) {
  const [edited, setEdited] = useState<Rule>();
  const change = useChange();
  const may = useMay('admin');
  const { nameOf } = useChannels();
  return (
    <>
      <Table
        label="Built-in rules"
        rows={rules}
        keyOf={(rule) => rule.key}
        current={current || undefined}
        columns={[
          {
            title: 'On',
            tight: true,
            cell: (rule) => (
              <Switch
                label={`${asWords(rule.key)} is on`}
                checked={rule.enabled}
                disabled={!may || change.isPending}
                onChange={(enabled) => change.mutate({ key: rule.key, body: { enabled } }, { onError: toast.failed })}
              />
            ),
          },
          {
            title: 'Rule',
            cell: (rule) => (
              <div className={css['ruleCell']}>
                <strong>{asWords(rule.key)}</strong>
                <span>{rule.description}</span>
              </div>
            ),
          },
          {
            title: 'Severity',
            tight: true,
            cell: (rule) => <SeverityBadge severity={rule.severity ?? rule.default_severity} />,
          },
          {
            title: 'Who is told',
            cell: (rule) => (
              <span className="name">
                {rule.notification_channel_ids === null
                  ? 'every channel that takes it'
                  : rule.notification_channel_ids.map(nameOf).join(', ') || 'nobody'}
                {rule.escalation.length > 0 && `, ${rule.escalation.length} more steps`}
              </span>
            ),
          },
          {
            title: 'Firing now',
            number: true,
            cell: (rule) =>
              rule.active_alerts === 0 ? '0' : <Link href={`/alerts?type=${rule.key}`}>{rule.active_alerts}</Link>,
          },
          {
            title: 'Change',
            quiet: true,
            tight: true,
            cell: (rule) => (
              <Button look="quiet" disabled={!may} onClick={() => setEdited(rule)}>
                Change <span className="visually-hidden">{asWords(rule.key)}</span>
              </Button>
            ),
          },
        ]}
      />
      {edited && <Editor key={edited.key} rule={edited} onDone={() => setEdited(undefined)} />}
    </>
  );
}

function Editor({ rule, onDone }: { readonly rule: Rule; readonly onDone: () => void }) {
  const [severity, setSeverity] = useState<Severity | ''>(rule.severity ?? '');
  const [channels, setChannels] = useState(rule.notification_channel_ids);
  const [escalation, setEscalation] = useState(rule.escalation);
  const change = useChange();
  const body: Change = { severity: severity || null, notification_channel_ids: channels, escalation };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onDone()}
      title={asWords(rule.key)}
      description={rule.description}
      wide
      footer={
        <>
          <ShowCurl method="PATCH" path={`/api/alert-rules/built-in/${rule.key}`} body={body} />
          <span className={css['grow']} />
          <Button onClick={onDone}>Leave it</Button>
          <Button
            look="primary"
            busy={change.isPending && 'Saving …'}
            onClick={() => change.mutate({ key: rule.key, body }, { onSuccess: onDone })}
          >
            Save the rule
          </Button>
        </>
      }
    >
      <SelectField
        label="Severity"
        value={severity}
        options={[['', `As it comes: ${rule.default_severity}`], ...SEVERITIES.map((one) => [one, one] as const)]}
        onChange={setSeverity}
      />
      <div>
        Tell <ChannelPicker label="Who is told" orAll chosen={channels} onChoose={setChannels} />
      </div>
      <Escalation steps={escalation} onChange={setEscalation} />
      {change.isError && (
        <p className={ui['fault']} role="alert">
          {sentenceOf(change.error)}
        </p>
      )}
    </Dialog>
  );
}
