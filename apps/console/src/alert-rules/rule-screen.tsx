import { useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { api, sentenceOf as wordsOf, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { useAddress } from '../ui/address';
import { Button, LinkButton } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { fieldError, TextField } from '../ui/field';
import { Card, PageHead } from '../ui/page';
import { ShowCurl } from '../ui/show-curl';
import { Failed, Loading } from '../ui/states';
import { Choice } from '../ui/tabs';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { useMetrics } from './metrics';
import { Preview } from './preview';
import { draftOf, NEW, problemOf } from './rule';
import type { Draft } from './rule';
import { RuleHistory } from './rule-history';
import { RuleJson } from './rule-json';
import { RuleMore } from './rule-more';
import css from './rule.module.css';
import { Sentence } from './sentence';

/** A rule is written, tried on the past, and saved. `/alert-rules/new` and `/alert-rules/:id`. */
export default function RuleScreen() {
  const { id } = useParams<{ id?: string }>();
  const loaded = useLoad(
    [`/api/alert-rules/${id}`],
    () => api.GET('/api/alert-rules/{id}', { params: { path: { id: Number(id) } } }),
    { enabled: id !== undefined, refetchOnWindowFocus: false },
  );
  if (id === undefined) return <Editor key="new" rule={undefined} />;
  if (loaded.isPending) return <Loading lines={8} />;
  if (loaded.isError) return <Failed error={loaded.error} retry={() => void loaded.refetch()} />;
  const rule = loaded.data.data;
  // saved by somebody else meanwhile: what is written here is not thrown away, so the key is the rule alone
  return <Editor key={rule.id} rule={rule} />;
}

function Editor({ rule }: { readonly rule: Schemas['AlertRule'] | undefined }) {
  const [, go] = useLocation();
  const [address, set] = useAddress({ as: 'sentence', days: '7' });
  const [draft, setDraft] = useState<Draft>(() => (rule ? draftOf(rule) : NEW));
  const [removing, setRemoving] = useState(false);
  const metrics = useMetrics();
  const may = useMay('admin');
  const saved = rule ? JSON.stringify(draftOf(rule)) : '';
  const save = useSend(
    (body: Draft) =>
      rule
        ? api.PUT('/api/alert-rules/{id}', { params: { path: { id: rule.id } }, body })
        : api.POST('/api/alert-rules', { body }),
    ['/api/alert-rules', '/api/alerts'],
  );
  const remove = useSend(
    () => api.DELETE('/api/alert-rules/{id}', { params: { path: { id: rule!.id } } }),
    ['/api/alert-rules', '/api/alerts'],
  );
  const problem = problemOf(draft);
  const refused = (field: string) => fieldError(save.error, field);
  const submit = () =>
    save.mutate(draft, {
      onSuccess: ({ data }) => {
        toast.say(rule ? 'The rule is saved.' : 'The rule is made: it is looked at each minute from now on.');
        if (!rule) go(`/alert-rules/${data.id}`, { replace: true });
      },
    });
  const asJson = address.as === 'json';
  return (
    <>
      <PageHead title={rule ? rule.rule_name : 'A new rule'} hint={rule && !rule.enabled ? 'switched off' : undefined}>
        <Choice
          label="How the rule is shown"
          value={asJson ? 'json' : 'sentence'}
          options={[
            ['sentence', 'Sentence'],
            ['json', 'JSON'],
          ]}
          onChange={(as) => set({ as })}
        />
        <LinkButton to="/alert-rules">All rules</LinkButton>
      </PageHead>
      <div className={css['editor']}>
        <div className={css['column']}>
          <Card padded>
            <form
              className={css['form']}
              onSubmit={(event) => {
                event.preventDefault();
                if (!problem) submit();
              }}
            >
              <div className={css['pair']}>
                <TextField
                  label="Name"
                  value={draft.rule_name}
                  maxLength={200}
                  placeholder="GPUs that are held and idle"
                  error={refused('rule_name')}
                  onChange={(name) => setDraft({ ...draft, rule_name: name })}
                />
                <TextField
                  label="What it is for"
                  value={draft.description ?? ''}
                  maxLength={2_000}
                  placeholder="For whoever is woken by it"
                  onChange={(text) => setDraft({ ...draft, description: text || null })}
                />
              </div>
              {asJson ? (
                <RuleJson draft={draft} onChange={setDraft} />
              ) : metrics ? (
                <Sentence draft={draft} metrics={metrics} onChange={setDraft} refused={refused} />
              ) : (
                <Loading lines={3} />
              )}
              {metrics?.of(draft.metric) && <p className={ui['hint']}>{metrics.of(draft.metric)?.meaning}.</p>}
              {rule?.warnings.map((words) => (
                <p key={words} className={css['warning']}>
                  {words}
                </p>
              ))}
              {save.isError && (
                <p className={ui['fault']} role="alert">
                  {wordsOf(save.error)}
                </p>
              )}
              <div className={css['buttons']}>
                <Button
                  type="submit"
                  look="primary"
                  disabled={!may || problem !== undefined || saved === JSON.stringify(draft)}
                  busy={save.isPending && 'Saving …'}
                >
                  {rule ? 'Save the rule' : 'Make the rule'}
                </Button>
                {rule && saved !== JSON.stringify(draft) && (
                  <Button onClick={() => setDraft(draftOf(rule))}>Discard the changes</Button>
                )}
                <ShowCurl
                  method={rule ? 'PUT' : 'POST'}
                  path={rule ? `/api/alert-rules/${rule.id}` : '/api/alert-rules'}
                  body={draft}
                />
                <span className={css['grow']} />
                {rule && may && (
                  <Button look="danger" onClick={() => setRemoving(true)}>
                    Delete the rule
                  </Button>
                )}
                {!may && <span className={ui['hint']}>Rules are written by admins.</span>}
                {may && problem && <span className={ui['hint']}>{problem.words}</span>}
              </div>
            </form>
          </Card>
          <RuleMore draft={draft} onChange={setDraft} refused={refused} />
        </div>
        <div className={css['column']}>
          <Preview draft={draft} days={address.days === '30' ? '30' : '7'} onDays={(days) => set({ days })} />
        </div>
      </div>
      {rule && <RuleHistory id={rule.id} />}
      {rule && (
        <Confirm
          open={removing}
          onOpenChange={setRemoving}
          title="Delete the rule?"
          action="Delete the rule"
          danger
          busy={remove.isPending}
          error={remove.error}
          aside={<ShowCurl method="DELETE" path={`/api/alert-rules/${rule.id}`} />}
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => go('/alert-rules') })}
        >
          <p>
            <bdi className="name">{rule.rule_name}</bdi> fires no more. Its {rule.active_alerts} open alerts end; what
            it has raised stays in the inbox.
          </p>
        </Confirm>
      )}
    </>
  );
}
