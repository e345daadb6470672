import { useMemo } from 'react';
import { api, useLoad } from '../data/api';
import { fitting } from '../fleet-map/fitting';
import { SHOWN, instancesShown } from '../fleet-map/gpus';
import type { Shown } from '../fleet-map/gpus';
import { useAddress } from '../ui/address';
import { LinkButton } from '../ui/button';
import { PageHead } from '../ui/page';
import { Empty } from '../ui/states';
import { FleetMapCard, FleetNumbers, FleetWaiting } from './fleet-overview';
import { FILTERS, filtersOf } from './instances-filters';
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
  // undefined: all of them
  const fit = useMemo(() => answer && fitting(answer, filtersOf(address)), [answer, address]);
  const ids = useMemo(
    () => (answer && shown !== 'all' ? instancesShown(answer, shown, fit) : undefined),
    [answer, shown, fit],
  );
  if (any.isSuccess && any.data.pagination.total === 0) return <FirstRun />;
  return (
    <>
      <PageHead title="Fleet" simulated={answer?.instances.some((one) => one.simulated) ?? false}>
        <LinkButton to="/agents/new">Add a host</LinkButton>
      </PageHead>
      {answer ? (
        <>
          <FleetNumbers totals={answer.totals} minutes={answer.for_minutes} shown={shown} />
          {answer.totals.gpus > 0 && (
            <FleetMapCard
              {...{ fleet: answer, shown, fit }}
              {...{ by: address.by, colouring: address.colour, onChange: setAddress }}
            />
          )}
        </>
      ) : (
        <FleetWaiting error={fleet.error} retry={() => void fleet.refetch()} />
      )}
      <InstancesTable ids={ids} fleet={answer} />
    </>
  );
}

/** The next page has the command, and a check that turns green with the first sample. */
function FirstRun() {
  return (
    <Empty title="No GPU host yet">
      <p>
        Install the agent on a GPU host with one command, and its GPUs appear here within seconds. Or look around first:{' '}
        <code>npm run demo</code> starts a simulated fleet in its own data folder.
      </p>
      <LinkButton to="/agents/new" look="primary">
        Add a host
      </LinkButton>
    </Empty>
  );
}
