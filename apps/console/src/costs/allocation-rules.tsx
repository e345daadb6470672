import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { Badge } from '../ui/badge';
import { Button, IconButton } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { count } from '../ui/format';
import { Card } from '../ui/page';
import { ShowCurl } from '../ui/show-curl';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import { toast } from '../ui/toast';
import { useNow } from '../ui/time';
import { told } from '../ui/told';
import { AllocationForm } from './allocation-form';
import { dayOf, dayWords } from './cost-window';

type Rule = Schemas['CostAllocationRule'];
export const RULES_PATH = '/api/cost-allocation-rules';
export const RULES_MAKE_OLD = [RULES_PATH, '/api/costs'];

/** How cost that belongs to nobody, or to all, is given to the values of a tag. */
export function AllocationRules() {
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<Rule>();
  const may = useMay('admin');
  const [removing, setRemoving] = useState<Rule>();
  const today = dayOf(useNow(0));
  const list = useLoad([RULES_PATH], () => api.GET(RULES_PATH, { params: { query: { limit: 200 } } }));
  const remove = useSend(
    (rule: Rule) => api.DELETE('/api/cost-allocation-rules/{id}', { params: { path: { id: rule.id } } }),
    RULES_MAKE_OLD,
  );
  const rows = list.data?.data ?? [];
  return (
    <Card
      title="Rules of allocation"
      hint="the first that fits takes a charge"
      actions={may && <Button onClick={() => setAdding(true)}>Share cost out</Button>}
    >
      {list.isPending && <Loading lines={3} />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && (
        <Empty title="Nothing is shared out yet">
          <p>
            Support, networks and machines without a tag belong to nobody until a rule gives each team its part: the
            same for all, by weights, or by what they use.
          </p>
        </Empty>
      )}
      {rows.length > 0 && (
        <Table
          label="Rules of allocation"
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            { title: 'Order', number: true, cell: ({ priority }) => count(priority) },
            {
              title: 'Rule',
              cell: ({ name, valid_to: last }) => (
                <>
                  <bdi className="name">{name}</bdi> {last !== null && last < today && <Badge>over</Badge>}
                </>
              ),
            },
            { title: 'Takes', cell: (rule) => <bdi>{takes(rule)}</bdi> },
            { title: 'Gives it', cell: (rule) => <bdi>{gives(rule)}</bdi> },
            { title: 'Holds', tight: true, cell: (rule) => holds(rule) },
            ...(may
              ? [
                  {
                    title: 'Change or delete',
                    quiet: true,
                    tight: true,
                    cell: (rule) => (
                      <>
                        <IconButton label={`Change ${rule.name}`} onClick={() => setChanging(rule)}>
                          <Pencil size={15} aria-hidden />
                        </IconButton>
                        <IconButton label={`Delete ${rule.name}`} onClick={() => setRemoving(rule)}>
                          <Trash2 size={15} aria-hidden />
                        </IconButton>
                      </>
                    ),
                  } satisfies Column<Rule>,
                ]
              : []),
          ]}
        />
      )}
      {changing && <AllocationForm rule={changing} onClose={() => setChanging(undefined)} />}
      {adding && <AllocationForm onClose={() => setAdding(false)} />}
      {removing && (
        <Confirm
          open
          danger
          onOpenChange={(open) => !open && setRemoving(undefined)}
          title="Delete this rule?"
          action="Delete the rule"
          busy={remove.isPending}
          error={remove.error}
          aside={<ShowCurl method="DELETE" path={`${RULES_PATH}/${removing.id}`} />}
          onConfirm={() =>
            remove.mutate(removing, {
              onSuccess: () => {
                toast.say(`The rule ${removing.name} is deleted.`);
                setRemoving(undefined);
              },
            })
          }
        >
          <p>
            <bdi className="name">{removing.name}</bdi> shares out no cost any more, in past days neither: showback
            changes.
          </p>
        </Confirm>
      )}
    </Card>
  );
}

/** Which charges a rule takes, in a sentence. */
export function takes({ service, provider, account, tag, only_untagged: untagged, key }: Rule): string {
  const parts = [
    service,
    provider && `of ${provider}`,
    account && `in account ${account}`,
    tag && `with ${tag.replace(':', ': ')}`,
  ].filter(Boolean);
  const what = parts.length > 0 ? parts.join(', ') : 'all charges';
  return told(untagged ? `${what}, without a ${key} tag` : what);
}

/** To whom it gives them, in a sentence. */
export function gives({ method, usage_basis: basis, targets, key }: Rule): string {
  const whom = told(
    targets
      ? targets.map(({ value, weight }) => (weight === null ? value : `${value} × ${weight}`)).join(', ')
      : `every ${key}`,
  );
  if (method === 'even') return `the same to ${whom}`;
  if (method === 'weighted') return `by weights to ${whom}`;
  return `by ${basis === 'gpu_hours' ? 'GPU-hours' : 'own cost'} to ${whom}`;
}

function holds({ valid_from: first, valid_to: last }: Rule): string {
  if (!first && !last) return 'always';
  if (!last) return `from ${dayWords(first!)}`;
  return first ? `${dayWords(first)} – ${dayWords(last)}` : `until ${dayWords(last)}`;
}
