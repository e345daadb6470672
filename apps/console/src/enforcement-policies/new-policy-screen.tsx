import { useMemo } from 'react';
import { useParams } from 'wouter';
import { api, useLoad } from '../data/api';
import { LinkButton } from '../ui/button';
import { Empty, Failed, Loading } from '../ui/states';
import { BLANK, ofTemplate } from './draft';
import { Workbench } from './workbench';

/** A policy that is not saved yet, from a template or from nothing. */
export default function NewPolicyScreen() {
  const { template = 'blank' } = useParams();
  const templates = useLoad(
    ['/api/enforcement-policies', 'templates'],
    () => api.GET('/api/enforcement-policies/templates'),
    { staleTime: Infinity },
  );
  const found = templates.data?.data.find(({ id }) => id === template);
  const start = useMemo(() => (found ? ofTemplate(found) : BLANK), [found]);
  if (templates.isPending) return <Loading lines={10} />;
  if (templates.isError) return <Failed error={templates.error} retry={() => void templates.refetch()} />;
  if (!found && template !== 'blank') {
    return (
      <Empty title="There is no such template">
        <LinkButton to="/policies/new">To the templates</LinkButton>
      </Empty>
    );
  }
  return <Workbench key={template} start={start} path={`/policies/new/${template}`} />;
}
