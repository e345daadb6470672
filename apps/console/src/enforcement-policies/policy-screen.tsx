import { useMemo } from 'react';
import { useParams } from 'wouter';
import { api, useLoad } from '../data/api';
import { Failed, Loading } from '../ui/states';
import { ofPolicy } from './draft';
import { Workbench } from './workbench';

/** One policy that is saved. */
export default function PolicyScreen() {
  const id = Number(useParams().id);
  const one = useLoad(
    ['/api/enforcement-policies', 'one', id],
    () => api.GET('/api/enforcement-policies/{id}', { params: { path: { id } } }),
    { refetchInterval: 30_000 },
  );
  const policy = one.data?.data;
  const start = useMemo(() => (policy ? ofPolicy(policy) : null), [policy]);
  if (one.isPending) return <Loading lines={10} />;
  if (one.isError || !policy || !start) return <Failed error={one.error} retry={() => void one.refetch()} />;
  // another version is another beginning
  return <Workbench key={`${id} ${policy.version}`} policy={policy} start={start} path={`/policies/${id}`} />;
}
