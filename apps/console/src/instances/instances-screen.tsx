import { Download } from 'lucide-react';
import { useMemo, useState } from 'react';
import { AddHostSteps } from '../agents/add-host';
import { api, useLoad } from '../data/api';
import { fitting } from '../fleet-map/fitting';
import { SHOWN, instancesShown } from '../fleet-map/gpus';
import type { Shown } from '../fleet-map/gpus';
import { useLiveFleet } from '../fleet-map/use-live-fleet';
import { exportForm } from '../exports/kinds';
import { useAddress } from '../ui/address';
import { Button, LinkButton } from '../ui/button';
import { Card, PageHead } from '../ui/page';
import { FleetMapCard, FleetNumbers, FleetWaiting } from './fleet-overview';
import { FILTERS, filtersOf, queryOf } from './instances-filters';
import { InstancesTable } from './instances-table';

const REFRESH_MS = 10_000;

/** The whole fleet: five numbers, a map of every GPU, a table of the instances. The address holds all of it. */
export default function InstancesScreen() {
  const [address, setAddress] = useAddress({ ...FILTERS, show: 'all', by: 'tag:team', colour: 'utilisation' });
  const fleet = useLoad(['/api/stats/fleet'], () => api.GET('/api/stats/fleet'), {
    refetchInterval: REFRESH_MS,
    placeholderData: (before) => before,
  });
  const any = useLoad(['/api/instances', 'any'], () => api.GET('/api/instances', { params: { query: { limit: 1 } } }), {
    refetchInterval: REFRESH_MS,
  });
  const shown = (SHOWN as readonly string[]).includes(address.show) ? (address.show as Shown) : 'all';
  const answer = fleet.data?.data;
  // values alone: which GPUs are counted where is as it was loaded
  const now = useLiveFleet(answer);
  // undefined: all of them
  const fit = useMemo(() => answer && fitting(answer, filtersOf(address)), [answer, address]);
  const ids = useMemo(
    () => (answer && shown !== 'all' ? instancesShown(answer, shown, fit) : undefined),
    [answer, shown, fit],
  );
  const isNone = any.isSuccess && any.data.pagination.total === 0;
  // once begun it stays until somebody goes on: the check that turns green is to be seen
  const [isFirstRun, setFirstRun] = useState(false);
  if (isNone && !isFirstRun) setFirstRun(true);
  if (isFirstRun) return <FirstRun onDone={isNone ? undefined : () => setFirstRun(false)} />;
  return (
    <>
      <PageHead title="Fleet" simulated={answer?.instances.some((one) => one.simulated) ?? false}>
        <LinkButton to={exportForm('instances', queryOf(filtersOf(address)))}>
          <Download size={15} aria-hidden /> Export
        </LinkButton>
        <LinkButton to="/agents/new">Add a host</LinkButton>
      </PageHead>
      {answer ? (
        <>
          <FleetNumbers totals={answer.totals} minutes={answer.for_minutes} shown={shown} />
          {answer.totals.gpus > 0 && (
            <FleetMapCard
              {...{ fleet: now ?? answer, shown, fit }}
              {...{ by: address.by, colouring: address.colour, onChange: setAddress }}
            />
          )}
        </>
      ) : (
        <FleetWaiting error={fleet.error} retry={() => void fleet.refetch()} />
      )}
      <InstancesTable ids={ids} fleet={now} />
    </>
  );
}

/** @param onDone leads on to the fleet; undefined: there is none yet */
function FirstRun({ onDone }: { readonly onDone: (() => void) | undefined }) {
  return (
    <>
      <PageHead title="Put your first GPU host here">
        {onDone && (
          <Button look="primary" onClick={onDone}>
            Show the fleet
          </Button>
        )}
      </PageHead>
      <AddHostSteps />
      <Card title="Or look around first" padded>
        <p>
          On the machine where the control plane is installed, <code>npm run demo</code> starts a simulated fleet of 40
          hosts in a data folder of its own: every screen with something in it, and nothing real is touched.
        </p>
      </Card>
    </>
  );
}
