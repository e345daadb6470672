import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import { Badge } from '../ui/badge';
import { LinkButton } from '../ui/button';
import { PageHead } from '../ui/page';
import { Failed, Loading } from '../ui/states';
import { Choice } from '../ui/tabs';
import { useAddress } from '../ui/address';
import { stops } from './draft';
import css from './gallery.module.css';

const KINDS: Readonly<Record<string, string>> = {
  idle: 'Idle machines',
  schedule: 'Nights and weekends',
  budget_threshold: 'Budgets',
  spend: 'Spend',
  ai_spend: 'AI spend',
  health: 'Health',
  rightsizing: 'Right size',
};

/** Policies that somebody thought through, to begin with. */
export default function TemplateGalleryScreen() {
  const [{ kind }, setAddress] = useAddress({ kind: 'all' });
  const templates = useLoad(
    ['/api/enforcement-policies', 'templates'],
    () => api.GET('/api/enforcement-policies/templates'),
    { staleTime: Infinity },
  );
  if (templates.isPending) return <Loading lines={10} />;
  if (templates.isError) return <Failed error={templates.error} retry={() => void templates.refetch()} />;
  const all = templates.data.data;
  const kinds = [...new Set(all.map(({ policy }) => policy.policy_type))];
  return (
    <>
      <PageHead title="New policy" hint="Begin with what somebody thought through. Nothing happens before you arm it.">
        <LinkButton to="/policies/new/blank">Begin with nothing</LinkButton>
      </PageHead>
      <div style={{ overflowX: 'auto' }}>
        <Choice
          label="Kind of template"
          value={kind}
          options={[['all', 'All'], ...kinds.map((one) => [one, KINDS[one] ?? one] as const)]}
          onChange={(to) => setAddress({ kind: to })}
        />
      </div>
      <ul className={css['gallery']}>
        {all
          .filter(({ policy }) => kind === 'all' || policy.policy_type === kind)
          .map(({ id, sentence, policy }) => (
            <li key={id} className={css['template']}>
              <Link href={`/policies/new/${id}`}>{policy.policy_name}</Link>
              <p>{sentence}</p>
              <div className={css['marks']}>
                <Badge>{KINDS[policy.policy_type] ?? policy.policy_type}</Badge>
                {stops(policy) && <Badge tone="warn">stops</Badge>}
                {policy.actions.some(({ type }) => type === 'start_instances') && <Badge tone="good">starts</Badge>}
                {policy.actions.some(({ type }) => type === 'tag_instances') && <Badge tone="idle">tags</Badge>}
                {policy.actions.some(({ type }) => type.startsWith('notify_')) && <Badge tone="accent">tells</Badge>}
              </div>
            </li>
          ))}
      </ul>
    </>
  );
}
