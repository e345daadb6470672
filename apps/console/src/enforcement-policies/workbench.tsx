import { useEffect, useState } from 'react';
import { useConditionMetrics } from '../conditions/metrics';
import { useTenant } from '../data/tenant';
import { useAddress } from '../ui/address';
import { Choice, TabLinks } from '../ui/tabs';
import ui from '../ui/ui.module.css';
import { same } from './draft';
import type { Draft, Policy } from './draft';
import { HistoryTab } from './history-tab';
import { InWords, Steps } from './in-words';
import { JsonView } from './json-view';
import css from './policies.module.css';
import { proofWords } from './proof';
import { RuleForm } from './rule-form';
import { SimulateTab } from './simulation/simulate-tab';
import { useProof } from './simulation/use-simulation';
import { VersionsTab } from './versions-tab';
import { WorkbenchHead } from './workbench-head';

interface Props {
  /** undefined: it is not saved yet. */
  readonly policy?: Policy | undefined;
  readonly start: Draft;
  /** Of the screen, without its query. */
  readonly path: string;
}

/** Drafts that nobody has saved, so that a look at another screen loses nothing. */
const unsaved = new Map<string, Draft>();

/** One policy: written, simulated, armed; what it did and what it said before. */
export function Workbench({ policy, start, path }: Props) {
  const [address, setAddress] = useAddress({ tab: 'rule', view: 'form' });
  const metrics = useConditionMetrics();
  const currency = useTenant()?.currency ?? '';
  const [draft, setDraft] = useState<Draft>(() => unsaved.get(path) ?? start);
  const [saveError, setSaveError] = useState<unknown>(null);
  const changed = !same(draft, start);
  useEffect(() => {
    if (changed) unsaved.set(path, draft);
    else unsaved.delete(path);
  }, [changed, draft, path]);
  const proof = useProof(draft);
  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }));
  const tabs = [
    ['rule', 'Rule'],
    ['simulate', 'Simulate'],
    ...(policy ? [['history', 'History'] as const, ['versions', 'Versions'] as const] : []),
  ] as const;
  const tab = tabs.some(([name]) => name === address.tab) ? address.tab : 'rule';
  return (
    <>
      <WorkbenchHead
        policy={policy}
        draft={draft}
        changed={changed}
        proof={proof}
        onError={setSaveError}
        onDiscard={() => setDraft(start)}
        onSaved={() => unsaved.delete(path)}
      />
      <TabLinks
        label="Parts of the policy"
        tabs={tabs.map(([name, title]) => ({
          title,
          to: name === 'rule' ? path : `${path}?tab=${name}`,
          current: name === tab,
        }))}
      />
      {tab === 'history' && policy && <HistoryTab policy={policy} />}
      {tab === 'versions' && policy && <VersionsTab policy={policy} onTake={(taken) => setDraft(taken)} />}
      {(tab === 'rule' || tab === 'simulate') && (
        <div className={css['bench']}>
          <div className={css['stack']}>
            {tab === 'rule' && (
              <div className={css['row']}>
                <span className={ui['hint']}>
                  {policy
                    ? `Version ${policy.version}, written by ${policy.updated_by}`
                    : 'Nothing happens before it is saved and armed.'}
                </span>
                <span className={css['grow']} />
                <Choice
                  label="How it is written"
                  value={address.view === 'json' ? 'json' : 'form'}
                  options={[
                    ['form', 'Form'],
                    ['json', 'JSON'],
                  ]}
                  onChange={(view) => setAddress({ view })}
                />
              </div>
            )}
            {tab === 'rule' && address.view !== 'json' && (
              <RuleForm draft={draft} onChange={change} metrics={metrics} currency={currency} error={saveError} />
            )}
            {tab === 'rule' && address.view === 'json' && <JsonView draft={draft} onChange={setDraft} />}
            {tab === 'simulate' && <SimulateTab draft={draft} onConditions={(conditions) => change({ conditions })} />}
          </div>
          <aside className={css['aside']} aria-label="What it will do">
            <InWords draft={draft} metrics={metrics} currency={currency} />
            <Steps
              steps={[
                {
                  title: 'Written',
                  note: changed
                    ? 'Changed, and not saved yet.'
                    : policy
                      ? `Saved as version ${policy.version}.`
                      : 'As it came.',
                  done: policy !== undefined && !changed,
                  to: path,
                },
                {
                  title: 'Simulated',
                  note: proof ? proofWords(proof) : 'See what it would have done in the days that are past.',
                  done: proof !== undefined,
                  to: `${path}?tab=simulate`,
                },
                {
                  title: 'Armed',
                  note: policy?.enabled ? 'It decides every minute.' : 'It decides nothing so far.',
                  done: policy?.enabled === true,
                },
              ]}
            />
          </aside>
        </div>
      )}
    </>
  );
}
