import { LinkButton } from '../ui/button';
import { Empty } from '../ui/states';
import type { ViewId } from './views';

const WORDS: Readonly<Record<ViewId, readonly [title: string, text: string]>> = {
  open: ['Nothing wants you', 'Whatever fires appears here at once. Rules say what fires and whom it tells.'],
  acknowledged: ['Nobody looks after anything', 'What somebody acknowledges stays here until it is over.'],
  resolved: [
    'Nothing was resolved yet',
    'Alerts come here when their condition is over, or when somebody resolves them.',
  ],
  ignored: ['Nothing is ignored', 'An ignored alert stays here until its condition was over.'],
  all: ['Nothing has fired yet', 'Alerts come from rules, from what the agents see and from budgets.'],
};

export function NoAlerts({ view, filtered }: { readonly view: ViewId; readonly filtered: boolean }) {
  if (filtered)
    return (
      <Empty title="No alert fits these filters">
        <p>Take a filter away, or look into another drawer.</p>
      </Empty>
    );
  const [title, text] = WORDS[view];
  return (
    <Empty title={title}>
      <p>{text}</p>
      {view === 'open' && <LinkButton to="/alert-rules/new">Make a rule</LinkButton>}
    </Empty>
  );
}
