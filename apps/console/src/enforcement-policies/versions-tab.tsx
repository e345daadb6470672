import { useLocation } from 'wouter';
import { useConditionMetrics } from '../conditions/metrics';
import { api, useLoad } from '../data/api';
import { useTenant } from '../data/tenant';
import { Button } from '../ui/button';
import { Card } from '../ui/page';
import { Failed, Loading } from '../ui/states';
import { Time } from '../ui/time';
import ui from '../ui/ui.module.css';
import { changesBetween } from './changes';
import { ofPolicy } from './draft';
import type { Draft, Policy } from './draft';
import css from './history.module.css';

interface Props {
  readonly policy: Policy;
  /** What an old version said, as a draft. */
  readonly onTake: (draft: Draft) => void;
}

/** What the policy said before: each version with what it changed, newest first. */
export function VersionsTab({ policy, onTake }: Props) {
  const [, go] = useLocation();
  const metrics = useConditionMetrics();
  const currency = useTenant()?.currency ?? '';
  const versions = useLoad(['/api/enforcement-policies', 'versions', policy.id], () =>
    api.GET('/api/enforcement-policies/{id}/versions', { params: { path: { id: policy.id } } }),
  );
  if (versions.isPending) return <Loading />;
  if (versions.isError) return <Failed error={versions.error} retry={() => void versions.refetch()} />;
  const all = versions.data.data;
  return (
    <ol className={css['entries']}>
      {all.map((one, i) => {
        const older = all[i + 1];
        const changes = older ? changesBetween(ofPolicy(older.policy), ofPolicy(one.policy), metrics, currency) : [];
        return (
          <li key={one.version}>
            <Card
              title={`Version ${one.version}`}
              hint={
                <>
                  <bdi>{one.written_by}</bdi>, <Time at={one.written_at} />
                </>
              }
              actions={
                one.version !== policy.version && (
                  <Button
                    onClick={() => {
                      onTake(ofPolicy(one.policy));
                      go(`/policies/${policy.id}`);
                    }}
                  >
                    Take it as a draft
                  </Button>
                )
              }
              padded
            >
              {!older && <p className={ui['hint']}>The first one.</p>}
              {older && changes.length === 0 && <p className={ui['hint']}>It says the same as the version before.</p>}
              {changes.length > 0 && (
                <dl className={css['changes']}>
                  {changes.map(({ field, before, after }) => (
                    <div key={field}>
                      <dt>{field}</dt>
                      <dd>
                        <del className="name">{before}</del> <ins className="name">{after}</ins>
                      </dd>
                    </div>
                  ))}
                </dl>
              )}
            </Card>
          </li>
        );
      })}
    </ol>
  );
}
